"""What the bot says of itself, in French and English. Alerts and digests are not here: they come composed.

Values are Telegram HTML; names in braces are filled in, escaped, by `fill`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from warn.bot.report_texts import REPORT_TEXTS

Translate = Callable[[str, str], str]
"""(language, key) -> text; a catalogue may stand in for the table below."""

LANGUAGES = ("fr", "en")


def translate(lang: str, key: str) -> str:
    """From the table; any other language reads French."""
    texts = TEXTS[key]
    return texts.get(lang, texts["fr"])


def fill(text: str, **values: Any) -> str:
    """The text with its names filled in; nobody's value can open a tag."""
    return text.format(**{name: html.escape(str(value), quote=False) for name, value in values.items()})


TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "welcome": {
        "fr": (
            "<b>Alertes d’approvisionnement, Bamako</b>\n"
            "Qui parle : {operator}, un service indépendant. Nous ne sommes ni les autorités, ni l’armée, ni un "
            "parti.\n\n"
            "<b>Les niveaux</b>\n{levels}\n\n"
            "<b>Par défaut</b>\nUn message dès le niveau 3, un bulletin à 6 h, rien entre 22 h et 6 h sauf une crise. "
            "Tout se change par /reglages, tout s’arrête par /stop.\n\n"
            "<b>Un message ressemble à ceci (exemple inventé)</b>\n<blockquote>{sample}</blockquote>\n"
            "<b>Est-il de nous ?</b> Chaque message porte un numéro : la même page se lit sur {address}. Nous "
            "ne demandons "
            "jamais d’argent, de nom ni de position.\n\n"
            "Nous gardons l’adresse de cette conversation et vos réglages, chiffrés, et rien d’autre."
        ),
        "en": (
            "<b>Supply alerts, Bamako</b>\n"
            "Who speaks: {operator}, an independent service. We are not the authorities, the army or a party.\n\n"
            "<b>The levels</b>\n{levels}\n\n"
            "<b>By default</b>\nA message from level 3, a digest at 6 am, nothing from 10 pm to 6 am but a crisis. "
            "Change anything with /settings, end it all with /stop.\n\n"
            "<b>A message looks like this (invented example)</b>\n<blockquote>{sample}</blockquote>\n"
            "<b>Is it from us?</b> Each message has a number: the same page can be read at {address}. We never ask for "
            "money, a name or a position.\n\n"
            "We keep the address of this chat and your settings, encrypted, and nothing else."
        ),
    },
    "levels": {
        "fr": (
            "0 Calme : rien d’inhabituel dans ce que nous suivons, ce qui ne veut pas dire que la ville est sûre.\n"
            "1 Veille : premiers signes, rien à changer.\n2 Tension : un effet est possible, préparez-vous.\n"
            "3 Alerte : un effet est probable ou commence, agissez.\n4 Crise : l’effet est là, et grave."
        ),
        "en": (
            "0 Calm: nothing unusual in what we watch, which does not mean the city is safe.\n"
            "1 Watch: first signs, nothing to change.\n2 Tension: an effect is possible, prepare.\n"
            "3 Alert: an effect is likely or has begun, act.\n4 Crisis: it is here, and severe."
        ),
    },
    "sample": {
        "fr": (
            "ALERTE 3/4 - Carburant, Bamako\nLundi 6 h. Service indépendant, non officiel.\n"
            "Pourquoi : 2 convois attaqués en 14 jours (seuil : 2).\nAttendu : livraisons irrégulières (probable). "
            "Aucune pénurie signalée à ce jour.\nÀ faire : regroupez vos trajets.\nN° 0, rév. 1"
        ),
        "en": (
            "ALERT 3/4 - Fuel, Bamako\nMonday 6 am. Independent service, not official.\n"
            "Why: 2 convoys attacked in 14 days (threshold: 2).\nExpect: irregular deliveries (likely). "
            "No shortage reported so far.\nWhat to do: combine trips.\nNo. 0, rev. 1"
        ),
    },
    "subscribe": {"fr": "S’abonner", "en": "Subscribe"},
    "choose": {"fr": "Choisir d’abord", "en": "Choose first"},
    "other_language": {"fr": "English", "en": "Français"},
    "ask_kind": {"fr": "Pour quel lecteur faut-il écrire ?", "en": "For which reader should we write?"},
    "ask_level": {
        "fr": "À partir de quel niveau un message immédiat ? Le reste vient dans le bulletin.",
        "en": "From which level should a message come at once? The rest comes in the digest.",
    },
    "subscribed": {
        "fr": "C’est fait. Vous recevrez les alertes dès le niveau {immediate} et un bulletin ({digest}).\n"
        "/statut la situation, /bulletin celui du jour, /reglages, /stop.",
        "en": "Done. You will get alerts from level {immediate} and a digest ({digest}).\n"
        "/status the situation, /digest today’s, /settings, /stop.",
    },
    "already": {"fr": "Vous êtes abonné. /reglages pour changer, /stop pour arrêter.",
                "en": "You are subscribed. /settings to change, /stop to end."},
    "by_mail": {"fr": "Aussi par courriel : {address}", "en": "By e-mail as well: {address}"},
    "offer": {
        "fr": (
            "<b>Vos réglages par courriel</b>\n{lines}\n\nRecevoir ici aussi, avec les mêmes réglages ? Le courriel "
            "continue ; rien ne relie les deux abonnements, et chacun s’arrête à part."
        ),
        "en": (
            "<b>Your settings by e-mail</b>\n{lines}\n\nGet messages here as well, with the same settings? The e-mails "
            "go on; nothing ties the two subscriptions together, and each is ended by itself."
        ),
    },
    "offer_over": {
        "fr": "Ce lien n’est plus valable : il sert une fois, pendant un quart d’heure. Rouvrez la page de vos "
        "réglages, ou /start pour choisir ici.",
        "en": "This link is no longer valid: it serves once, for a quarter of an hour. Open the page of your "
        "preferences again, or /start to choose here.",
    },
    "take": {"fr": "Recevoir ici aussi", "en": "Get messages here as well"},
    "not_subscribed": {"fr": "Cette conversation n’est pas abonnée. /start pour commencer.",
                       "en": "This chat is not subscribed. /start to begin."},
    "help": {
        "fr": (
            "/statut la situation maintenant\n/bulletin le bulletin du jour\n/reglages ce que vous recevez, et quand\n"
            "/stop tout arrêter et tout effacer\n/effacer effacer aussi ce que vous avez signalé\n/aide cette liste\n\n"
            "<b>Les niveaux</b>\n{levels}\n\nSi le bulletin n’arrive pas avant 9 h, considérez que le service "
            "est en panne, "
            "non que tout va bien."
        ),
        "en": (
            "/status the situation now\n/digest today’s digest\n/settings what you get, and when\n"
            "/stop end and erase everything\n/erase erase what you reported as well\n/help this list\n\n"
            "<b>The levels</b>\n{levels}\n\nIf the digest has not come by 9 am, take it that the service is "
            "down, not that "
            "all is well."
        ),
    },
    "no_digest": {"fr": "Le bulletin d’aujourd’hui n’est pas encore fait. /statut donne la situation.",
                  "en": "Today’s digest is not made yet. /status gives the situation."},
    "no_details": {"fr": "Nous ne trouvons pas cette alerte.", "en": "We cannot find this alert."},
    "muted": {"fr": "Silence sur cette alerte jusqu’au {until}, sauf aggravation.",
              "en": "Silent on this alert until {until}, unless it gets worse."},
    "stop_ask": {"fr": "Arrêter tous les messages et effacer vos réglages ?",
                 "en": "End all messages and erase your settings?"},
    "stop_yes": {"fr": "Oui, arrêter", "en": "Yes, end"},
    "stop_no": {"fr": "Non", "en": "No"},
    "leave_ask": {"fr": "Voulez-vous vous désabonner ? Rien n’a encore changé. Je ne lis que les commandes : /aide.",
                  "en": "Do you want to unsubscribe? Nothing has changed yet. I only read commands: /help."},
    "leave_yes": {"fr": "Se désabonner", "en": "Unsubscribe"},
    "leave_no": {"fr": "Rester", "en": "Stay"},
    "left": {"fr": "Arrêté. Tout sera effacé à {until} ; jusque-là vous pouvez revenir.",
             "en": "Ended. Everything will be erased at {until}; until then you can come back."},
    "undo": {"fr": "Annuler", "en": "Undo"},
    "undone": {"fr": "Vous êtes de nouveau abonné, avec vos réglages.",
               "en": "You are subscribed again, with your settings."},
    "too_late": {"fr": "C’est déjà effacé. /start pour recommencer.", "en": "Already erased. /start to begin again."},
    "kept": {"fr": "Rien n’a changé.", "en": "Nothing has changed."},
    "stopped": {"fr": "Arrêté. L’adresse de cette conversation et vos réglages sont effacés. /start pour revenir.",
                "en": "Ended. The address of this chat and your settings are erased. /start to come back."},
    "erase_ask": {"fr": "Effacer votre abonnement et ce que vous avez signalé ? Cela ne peut pas être défait.",
                  "en": "Erase your subscription and what you reported? This cannot be undone."},
    "erase_yes": {"fr": "Oui, effacer", "en": "Yes, erase"},
    "erased": {"fr": "Effacé. Les copies de sauvegarde disparaissent en 30 jours.",
               "en": "Erased. Backup copies are gone within 30 days."},
    "unknown": {"fr": "Je ne lis que les commandes. /aide en donne la liste.",
                "en": "I only read commands. /help lists them."},
    "trouble": {"fr": "Cela n’a pas marché, par notre faute. Réessayez dans quelques minutes.",
                "en": "That did not work, and the fault is ours. Try again in a few minutes."},
    "settings": {"fr": "<b>Vos réglages</b>\n{lines}\n\nTouchez ce que vous voulez changer.",
                 "en": "<b>Your settings</b>\n{lines}\n\nTap what you want to change."},
    "back": {"fr": "Retour", "en": "Back"},
    "close": {"fr": "Fermer", "en": "Close"},
    "closed": {"fr": "Réglages enregistrés.", "en": "Settings saved."},
    "all": {"fr": "toutes", "en": "all"},
    "none": {"fr": "aucun", "en": "none"},
    "yes": {"fr": "oui", "en": "yes"},
    "no": {"fr": "non", "en": "no"},
    "field.kind": {"fr": "Lecteur", "en": "Reader"},
    "field.lang": {"fr": "Langue", "en": "Language"},
    "field.immediate": {"fr": "Message immédiat dès", "en": "At once from"},
    "field.least": {"fr": "Niveau minimal", "en": "Least level"},
    "field.digest": {"fr": "Bulletin", "en": "Digest"},
    "field.evening": {"fr": "Édition du soir", "en": "Evening edition"},
    "field.weekly": {"fr": "Une fois par semaine", "en": "Once a week"},
    "field.quiet": {"fr": "Heures calmes", "en": "Quiet hours"},
    "field.families": {"fr": "Sujets", "en": "Subjects"},
    "field.corridors": {"fr": "Routes", "en": "Roads"},
    "field.places": {"fr": "Villes", "en": "Towns"},
    "field.zone": {"fr": "Fuseau horaire", "en": "Time zone"},
    "field.text": {"fr": "Sans image", "en": "Text only"},
    "field.embassy": {"fr": "Avis d’ambassades", "en": "Embassy notices"},
    "kind.resident": {"fr": "Habitant", "en": "Resident"},
    "kind.ngo": {"fr": "ONG", "en": "NGO"},
    "kind.press": {"fr": "Presse", "en": "Press"},
    "level.1": {"fr": "1 Veille", "en": "1 Watch"},
    "level.2": {"fr": "2 Tension", "en": "2 Tension"},
    "level.3": {"fr": "3 Alerte", "en": "3 Alert"},
    "level.4": {"fr": "4 Crise", "en": "4 Crisis"},
    "family.attack": {"fr": "Attaques", "en": "Attacks"},
    "family.supply": {"fr": "Carburant et convois", "en": "Fuel and convoys"},
    "family.price": {"fr": "Prix", "en": "Prices"},
    "family.power": {"fr": "Courant et réseau", "en": "Power and network"},
    "family.services": {"fr": "Écoles, santé, vols", "en": "Schools, health, flights"},
    "family.displacement": {"fr": "Déplacements", "en": "Displacement"},
    "family.posture": {"fr": "Ambassades", "en": "Embassies"},
    "family.politics": {"fr": "Politique", "en": "Politics"},
    "family.media": {"fr": "Médias", "en": "Media"},
    "admin.confirm": {"fr": "Confirmer : {verb} {words} ?", "en": "Confirm: {verb} {words}?"},
    "admin.yes": {"fr": "Confirmer", "en": "Confirm"},
    "admin.expired": {"fr": "Cette demande a expiré.", "en": "This request has expired."},
    "admin.dropped": {"fr": "Rien n’a été fait.", "en": "Nothing was done."},
    **REPORT_TEXTS,
})  # fmt: skip

COMMANDS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "fr": {
        "start": "S’abonner",
        "statut": "La situation maintenant",
        "bulletin": "Le bulletin du jour",
        "reglages": "Ce que vous recevez, et quand",
        "aide": "Aide et niveaux",
        "stop": "Tout arrêter",
        "effacer": "Tout effacer",
    },
    "en": {
        "start": "Subscribe",
        "status": "The situation now",
        "digest": "Today’s digest",
        "settings": "What you get, and when",
        "help": "Help and levels",
        "stop": "End everything",
        "erase": "Erase everything",
    },
})  # fmt: skip
"""What the menu of the bot shows, per language."""
