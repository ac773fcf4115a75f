"""The commented `.env` that `warn init` writes: every setting, each optional, each with what it is for."""

ENV = """\
# Settings of warn. Every line is optional: without any, `warn run` starts, collects from sources that need no key,
# and shows the page on 127.0.0.1:8642. Lines that begin with # are off.

# Seals contacts and signs links. Without it one is made in var/secret.key; keep either with your backups.
# `warn secrets new` prints one. To change it, put the new one first, new,old, and see `warn secrets rotate`.
#WARN_SECRET=

# Who runs this, and how servers that we ask can reach you (an address or a page).
#WARN_OPERATOR=alertes-bamako
#WARN_CONTACT=https://alertes.example.org/contact

# Where the database lies: a file below var/, or PostgreSQL.
#WARN_VAR=var
#WARN_DATABASE=postgresql+psycopg://warn@localhost/warn

# The page. ADDRESS is what readers type; it stands in every message.
#WARN_WEB__HOST=127.0.0.1
#WARN_WEB__PORT=8642
#WARN_WEB__ADDRESS=https://alertes.example.org
# Proxies in front of it, and how many sign-ups by mail an hour one network may ask for.
#WARN_WEB__PROXIES=127.0.0.1
#WARN_WEB__SIGN_UPS=5

# Telegram: a token from @BotFather, the bot's name for links to it, and the numeric ids of administrators.
#WARN_TELEGRAM__TOKEN=
#WARN_TELEGRAM__NAME=@
#WARN_TELEGRAM__ADMINS=123456789

# Mail: the relay that sends it, and whom it is from.
#WARN_EMAIL__HOST=smtp.example.org
#WARN_EMAIL__PORT=587
#WARN_EMAIL__SECURITY=starttls
#WARN_EMAIL__USERNAME=
#WARN_EMAIL__PASSWORD=
#WARN_EMAIL__SENDER=Alertes Bamako <alertes@example.org>
#WARN_EMAIL__REPLY_TO=
# Who is told by mail what the chat cannot tell, such as a token that was revoked.
#WARN_EMAIL__ADMINS=admin@example.org

# Every message as a file, for trials.
#WARN_FILE__FOLDER=var/outbox

# Sources: which to start or stop, and a folder of observation files to watch.
#WARN_SOURCE__ON=
#WARN_SOURCE__OFF=
#WARN_SOURCE__FILES=
# Keys. ACLED stays off without its account; the others read less, or later, without theirs.
#WARN_SOURCE__ACLED_USERNAME=
#WARN_SOURCE__ACLED_PASSWORD=
#WARN_SOURCE__UCDP_TOKEN=
#WARN_SOURCE__RELIEFWEB_APPNAME=
#WARN_SOURCE__FIRMS_KEY=
#WARN_SOURCE__EIA_KEY=
# Keys of the sources described in rules/sources.yaml: WARN_SOURCE__KEY_<NAME>, or all of them in
# WARN_SOURCE__KEYS={"hapi": "..."}. HAPI's is base64 of name:mail, DataBridges' is key:secret.
#WARN_SOURCE__KEY_HAPI=
#WARN_SOURCE__KEY_CLOUDFLARE=
#WARN_SOURCE__KEY_DTM=
#WARN_SOURCE__KEY_DATABRIDGES=
# Field forms (rules/forms), and what partners send to /inbound, signed with this secret.
#WARN_SOURCE__KOBO_URL=https://kf.kobotoolbox.org
#WARN_SOURCE__KOBO_TOKEN=
#WARN_SOURCE__ODK_URL=
#WARN_SOURCE__ODK_USER=
#WARN_SOURCE__ODK_PASSWORD=
#WARN_SOURCE__WEBHOOK_SECRET=
"""
