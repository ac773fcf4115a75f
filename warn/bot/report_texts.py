"""What the bot says of field reports, to reporters and moderators alone. No Bambara: there is no text yet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REPORT_TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "unwanted": {
        "fr": "Nous ne prenons ni position, ni photo, ni enregistrement, ni fichier. Rien n’en est gardé, et nous "
        "avons retiré le message d’ici.",
        "en": "We take no position, photograph, recording or file. Nothing of it is kept, and we have taken the "
        "message away from here.",
    },
    "report.welcome": {
        "fr": "Merci. /signaler pose quatre questions, par touches. Rien n’est lu de ce que vous écrivez : n’envoyez "
        "ni nom, ni position, ni photo, et rien sur des forces ou des convois.\n\n"
        "Rien ne sort avant qu’un modérateur l’ait lu et que trois personnes aient parlé du même sujet, puis avec "
        "trois à six heures de retard. Votre nom n’est gardé nulle part. Chaque conversation est retirée d’ici une "
        "fois finie, celle-ci aussi. /effacer efface ce que vous avez signalé.",
        "en": "Thank you. /report asks four questions, by taps. Nothing that you write is read: send no name, position "
        "or photograph, and nothing about forces or convoys.\n\n"
        "Nothing goes out before a moderator has read it and three people have told of the same matter, and then "
        "three to six hours late. Your name is kept nowhere. Each conversation is taken away from here when it is "
        "over, this one too. /erase erases what you reported.",
    },
    "report.bad_link": {"fr": "Ce lien ne sert plus. Demandez-en un autre à qui vous l’a donné.",
                        "en": "This link is no longer good. Ask whoever gave it to you for another."},
    "report.read": {"fr": "Lu, retirer d’ici", "en": "Read, take it away"},
    "report.nothing": {"fr": "Il n’y a rien à signaler en ce moment : aucune question n’est posée.",
                       "en": "There is nothing to report now: no question is asked."},
    "report.what": {"fr": "Que signalez-vous ? Seulement ce que vous avez vu vous-même, sans vous exposer.",
                    "en": "What do you report? Only what you saw yourself, without exposing yourself."},
    "report.how_much": {"fr": "<b>{said}</b>", "en": "<b>{said}</b>"},
    "report.where": {"fr": "<b>{said}</b>\nDans quelle ville ? Rien de plus précis n’est gardé.",
                     "en": "<b>{said}</b>\nIn which town? Nothing finer is kept."},
    "report.when": {"fr": "<b>{said}</b>\nQuand ?", "en": "<b>{said}</b>\nWhen?"},
    "report.confirm": {"fr": "<b>{said}</b>\n\nEnvoyer ?", "en": "<b>{said}</b>\n\nSend?"},
    "report.is": {"fr": "{what} : {amount}", "en": "{what}: {amount}"},
    "report.hours.0": {"fr": "maintenant", "en": "now"},
    "report.hours.3": {"fr": "il y a 3 h", "en": "3 h ago"},
    "report.hours.12": {"fr": "il y a 12 h", "en": "12 h ago"},
    "report.hours.24": {"fr": "hier à cette heure", "en": "this time yesterday"},
    "report.send": {"fr": "Envoyer", "en": "Send"},
    "report.edit": {"fr": "Modifier", "en": "Change"},
    "report.cancel": {"fr": "Annuler", "en": "Cancel"},
    "report.taken": {"fr": "Reçu, merci. La conversation est retirée d’ici.",
                     "en": "Received, thank you. The conversation is taken away from here."},
    "report.again": {"fr": "C’est déjà reçu.", "en": "That has been received already."},
    "report.told": {"fr": "Vous l’avez déjà signalé il y a peu. Rien n’a été ajouté.",
                    "en": "You reported that a short while ago. Nothing was added."},
    "report.many": {"fr": "C’est assez pour un jour. Réessayez demain.",
                    "en": "That is enough for one day. Try again tomorrow."},
    "report.changed": {"fr": "Les questions ont changé. Recommencez par /signaler.",
                       "en": "The questions have changed. Begin again with /report."},
    "report.over": {"fr": "Cette conversation a expiré. Recommencez par /signaler.",
                    "en": "This conversation has expired. Begin again with /report."},
    "report.dropped": {"fr": "Rien n’est envoyé, rien ne reste ici.", "en": "Nothing is sent, nothing stays here."},
    "report.stranger": {"fr": "Rien n’est envoyé.", "en": "Nothing is sent."},
    "judge.none": {"fr": "Aucun signalement n’attend.", "en": "No field report waits."},
    "judge.more": {"fr": "Encore {count}. /reports montre la suite.", "en": "{count} more. /reports shows them."},
    "judge.report": {
        "fr": "<b>N° {number}. {what} : {amount}</b>\n{town}, {day} vers {hour} h UTC\n"
        "Même auteur : {accepted} acceptés, {refused} refusés.",
        "en": "<b>No. {number}. {what}: {amount}</b>\n{town}, {day} about {hour} h UTC\n"
        "Same author: {accepted} accepted, {refused} refused.",
    },
    "judge.accept": {"fr": "Accepter", "en": "Accept"},
    "judge.refuse": {"fr": "Refuser", "en": "Refuse"},
    "judge.gone": {"fr": "Ce signalement n’attend plus.", "en": "This report no longer waits."},
    "judge.invitation": {
        "fr": "Lien pour une personne, une seule fois, pendant trois jours : {link}\nElle deviendra {reporter}. "
        "Remettez-le de la main à la main, puis effacez ce message.",
        "en": "Link for one person, once, within three days: {link}\nThey become {reporter}. Hand it over in person, "
        "then delete this message.",
    },
    "admin.verbs": {
        "fr": "/reports les signalements qui attendent ; /accept 12, /refuse 12\n"
        "/invite un lien pour un correspondant\n"
        "/approve 4 3, /deny 4 3 ce qui attend un accord (alerte 4, niveau 3)\n/ack 4 prendre une alerte en charge\n"
        "/silence 4 24h, /silence all 6h se taire, sauf hausse\n"
        "/withdraw 4 RAISON retirer ce qui était faux, par numéro d’alerte ou nom de fait\n"
        "/say 3 fr TEXTE vos mots aux lecteurs\n/drill TEXTE exercice par tous les canaux\n"
        "/pause, /resume les envois\n/health l’état du service\n"
        "/dead les envois perdus ; /requeue 7, /requeue all les retenter",
        "en": "/reports field reports that wait; /accept 12, /refuse 12\n/invite a link for a reporter\n"
        "/approve 4 3, /deny 4 3 what waits for a person (alert 4, level 3)\n/ack 4 take charge of an alert\n"
        "/silence 4 24h, /silence all 6h hold messages, unless it rises\n"
        "/withdraw 4 REASON take back what was wrong, by an alert’s number or a fact’s name\n"
        "/say 3 fr TEXT your words to readers\n/drill TEXT a drill through every channel\n"
        "/pause, /resume deliveries\n/health the state of the service\n"
        "/dead lost deliveries; /requeue 7, /requeue all try them again",
    },
    "admin.again": {"fr": "Cela part à beaucoup et ne peut être repris. Envoyer vraiment : {verb} {words} ?",
                    "en": "This goes to many and cannot be taken back. Really send: {verb} {words}?"},
})  # fmt: skip
