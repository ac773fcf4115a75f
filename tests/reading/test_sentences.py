"""What invented sentences in both languages are read as: each indicator, each direction, and what is none of it."""

import pytest

from tests.reading.shipped import reading

SAID = [
    ("convoy_attack", "worse", "Mali : une quinzaine de camions-citernes incendiés près de Didiéni"),
    (
        "convoy_attack",
        "worse",
        "Des hommes armés ont tendu une embuscade à un convoi de carburant entre Bougouni et Sikasso",
    ),
    ("convoy_attack", "worse", "Gunmen torch 12 fuel trucks on the Kayes-Bamako road in Mali"),
    ("convoy_attack", "worse", "Fuel convoy comes under attack in southern Mali"),
    ("convoy_attack", "worse", "Several tanker drivers were killed near Kolondieba, Mali, on Tuesday"),
    (
        "convoy_attack",
        "worse",
        "Mali : un convoi de carburant pris pour cible par des jihadistes dans la région de Sikasso",
    ),
    ("convoy_attack", "worse", "Sikasso : au moins sept chauffeurs tués dans l'attaque de leurs camions"),
    ("convoy_attack", "worse", "Mali: JNIM fighters ambush escorted tankers, dozens of vehicles burnt"),
    ("convoy_attack", "worse", "Trente citernes parties en fumée à Loulouni, au Mali"),
    ("convoy_attack", "none", "L'armée malienne déjoue une attaque contre un convoi de citernes"),
    ("attack_military", "worse", "Mali : un convoi militaire tombe dans une embuscade près de Ténenkou"),
    (
        "military_operation",
        "none",
        "Mali : l'armée mène des frappes aériennes contre des jihadistes près de Nioro",
    ),
    ("military_operation", "none", "Malian army says it killed 30 militants in drone strikes near Kayes"),
    (
        "military_operation",
        "none",
        "Les FAMa neutralisent une vingtaine de terroristes dans le cercle de Niono",
    ),
    ("attack_military", "worse", "Mali : le camp militaire de Farabougou attaqué à l'aube"),
    ("attack_military", "worse", "Jihadists raid army post in central Mali, killing ten soldiers"),
    ("attack_military", "worse", "Dix militaires maliens tués dans une embuscade"),
    ("base_captured", "worse", "Le JNIM s'empare du camp de l'armée à Soumpi, au Mali"),
    ("base_captured", "worse", "Malian troops pull out of base in Boulkessi"),
    ("base_captured", "worse", "Islamist fighters overrun garrison in northern Mali"),
    ("attack_civilian", "worse", "Mali : huit villageois tués dans une attaque près de Bandiagara"),
    ("attack_civilian", "worse", "Armed men kill passengers of a bus in Mali"),
    ("attack_civilian", "worse", "Au Mali, un marché hebdomadaire attaqué, plusieurs morts"),
    ("abduction", "worse", "Mali : trois ingénieurs chinois enlevés près de Bougouni"),
    ("abduction", "worse", "Mayor kidnapped by gunmen near Ségou, Mali"),
    ("abduction", "better", "Mali : les deux otages marocains ont été libérés"),
    ("abduction", "better", "Jihadists free four Moroccan drivers held hostage in Mali"),
    ("mine_ied", "worse", "Mali : un véhicule saute sur un engin explosif près de Gossi, trois morts"),
    ("blockade_declared", "worse", "Le JNIM annonce un blocus total de Tombouctou"),
    ("blockade_declared", "worse", "Militants impose blockade on Malian town of Léré"),
    ("blockade_declared", "worse", "Mali: jihadists tighten blockade around Bamako"),
    ("blockade_lifted", "better", "Mali : levée du blocus de Boni après un accord"),
    ("blockade_lifted", "better", "JNIM lifts blockade on Farabougou, Mali"),
    ("checkpoint", "worse", "Mali : les jihadistes installent des barrages sur la route de Kayes"),
    ("checkpoint", "worse", "Armed men set up checkpoints on the road to Ségou, Mali"),
    ("road_block", "worse", "Mali : la route nationale 6 coupée entre Ségou et Bla"),
    ("convoy_disruption", "worse", "Des centaines de camions bloqués à la frontière malienne"),
    (
        "convoy_disruption",
        "worse",
        "Hundreds of tankers stranded at Mali's border as drivers refuse to travel",
    ),
    ("logistics_suspension", "worse", "Mali : une compagnie de transport suspend ses voyages vers Kayes"),
    ("logistics_resumption", "better", "Mali : Diarra Transport reprend ses activités"),
    ("fuel_shortage_report", "worse", "Bamako : les stations-service à sec"),
    ("fuel_shortage_report", "worse", "Bamako runs out of petrol"),
    ("fuel_shortage_report", "worse", "Long queues at petrol stations in Mali's capital"),
    ("fuel_shortage_report", "worse", "Mali : plus une goutte d'essence à Mopti"),
    ("fuel_shortage_report", "worse", "Le carburant devient introuvable à Ségou, au Mali"),
    ("fuel_shortage_report", "worse", "Mali faces worsening fuel crisis"),
    ("fuel_shortage_report", "worse", "Ruée sur les stations d'essence à Bamako"),
    ("fuel_shortage_report", "denial", "Mali : le gouvernement dément toute pénurie de carburant"),
    ("fuel_shortage_report", "denial", "No fuel shortage in Mali, minister says"),
    ("fuel_shortage_report", "none", "Le Mali craint une pénurie de carburant"),
    ("fuel_recovery_report", "better", "Le carburant de nouveau disponible à Bamako"),
    ("fuel_recovery_report", "better", "Fuel supply improves in Bamako as queues shrink"),
    ("fuel_recovery_report", "better", "Bamako : retour à la normale dans les stations-service"),
    ("fuel_recovery_report", "better", "Petrol stations reopen in Bamako"),
    ("fuel_recovery_report", "better", "La pénurie de carburant s'atténue au Mali"),
    ("convoy_arrival", "better", "Un convoi de 70 citernes est arrivé à Bamako"),
    ("convoy_arrival", "better", "More than 100 fuel tankers reach Bamako under escort"),
    ("convoy_arrival", "better", "Niger sends 80 tankers of fuel to Mali"),
    ("convoy_arrival", "better", "Bamako accueille un convoi de 200 camions-citernes"),
    ("convoy_arrival", "better", "Tankers roll into Bamako after weeks of attacks"),
    ("fuel_price_report", "worse", "Mali : le prix de l'essence flambe à Gao"),
    ("fuel_price_report", "worse", "Petrol prices soar in northern Mali"),
    ("fuel_price_report", "denial", "Mali : pas de hausse du prix du carburant, assure le gouvernement"),
    ("fuel_price_report", "better", "Mali : baisse du prix du carburant à la pompe"),
    ("fuel_price_informal", "worse", "À Bamako, le litre d'essence se vend 2 500 FCFA au marché noir"),
    ("fuel_price_official", "worse", "Mali : le litre d'essence passe de 700 à 775 FCFA"),
    ("food_price_report", "worse", "Mali : le prix du riz grimpe à Bamako"),
    ("food_price_report", "worse", "Food prices double in Malian town of Ménaka"),
    ("food_price_report", "better", "Mali : baisse du prix du sucre"),
    ("food_price_report", "worse", "Bamako : le sac de mil devient hors de prix"),
    ("power_cut_report", "worse", "Bamako : les coupures de courant se multiplient"),
    ("power_cut_report", "worse", "Blackouts hit Mali's capital"),
    ("power_cut_report", "better", "Bamako : fin des délestages annoncée"),
    ("power_hours", "worse", "À Bamako, les ménages n'ont que six heures d'électricité par jour"),
    ("school_closure", "worse", "Mali : les cours suspendus jusqu'à nouvel ordre"),
    ("school_closure", "worse", "Schools shut in Mali for two weeks"),
    ("school_closure", "worse", "Mali : fermeture de 800 écoles dans le centre"),
    ("school_reopening", "better", "Mali : les élèves reprennent le chemin de l'école"),
    ("school_reopening", "better", "Classes resume in Mali"),
    ("health_shortage", "worse", "Bamako : l'hôpital Gabriel-Touré manque de médicaments"),
    ("health_shortage", "worse", "Hospitals in Mali run low on supplies"),
    ("humanitarian_access", "worse", "Mali : les ONG suspendent leurs activités à Ménaka"),
    ("humanitarian_access", "worse", "Aid convoys blocked on the road to Timbuktu, Mali"),
    ("flight_suspension", "worse", "Mali : Air France suspend ses vols vers Bamako"),
    ("flight_suspension", "worse", "Airline cancels flights to Bamako"),
    ("flight_resumption", "better", "Reprise des vols vers Bamako"),
    ("displacement_report", "worse", "Mali : 3 000 personnes fuient les combats à Léré"),
    ("displacement_report", "worse", "Thousands flee village attacks in central Mali"),
    ("travel_advice", "worse", "L'Espagne demande à ses ressortissants de quitter le Mali"),
    ("travel_advice", "worse", "Canada tells citizens to leave Mali"),
    ("embassy_departure", "worse", "Mali : l'ambassade américaine évacue son personnel non essentiel"),
    ("embassy_departure", "worse", "UK withdraws embassy staff from Mali"),
    ("negotiation", "better", "Mali : des pourparlers entre le gouvernement et le JNIM"),
    ("negotiation", "better", "Mali's junta in talks with jihadists"),
    ("truce", "better", "Mali : une trêve conclue entre jihadistes et chasseurs dozos"),
    ("truce_broken", "worse", "Mali : la trêve vole en éclats à Farabougou"),
    ("government_measure", "worse", "Mali : le gouvernement interdit la vente d'essence en bidons"),
    ("government_measure", "worse", "Mali rations fuel for private vehicles"),
    ("curfew", "worse", "Couvre-feu décrété à Bamako"),
    ("curfew", "worse", "Curfew imposed in Malian region of Ségou"),
    ("demonstration", "worse", "Bamako : manifestation contre la vie chère"),
    ("demonstration", "worse", "Protesters take to the streets of Bamako"),
    ("media_restriction", "worse", "Mali : TV5 Monde suspendue"),
    ("media_restriction", "worse", "Mali suspends French broadcasters"),
    ("convoy_attack", "denial", "L'armée malienne dément l'attaque d'un convoi de citernes"),
]
NOT_OURS = [
    "Mali : les attaquants des Aigles brillent en Coupe d'Afrique",
    "Nigeria: petrol prices jump again",
    "Burkina Faso : attaque d'un convoi de ravitaillement près de Djibo, non loin de la frontière malienne",
    "Mali : accident entre un camion-citerne et un bus à Ségou",
    "Le président malien reçoit une délégation d'hommes d'affaires",
    "Mali : attaque virulente de l'opposition contre le budget",
    "Mali : inauguration d'une nouvelle école à Koutiala",
    "Mali: film festival opens in Ségou",
    "Mali : la mine d'or de Loulo reprend sa production",
    "Mali : le ministre de la Santé visite l'hôpital du Point G",
    "Mali : l'équipe de basket file vers la finale",
    "Bamako : le salon du livre attire la foule",
]


@pytest.mark.parametrize(("indicator", "direction", "text"), SAID, ids=[text for *_, text in SAID])
def test_a_sentence_is_read_as_its_one_piece_of_news(indicator, direction, text):
    assert [(f.indicator, f.direction) for f in reading(text).findings] == [(indicator, direction)]


@pytest.mark.parametrize("text", NOT_OURS)
def test_what_only_sounds_alike_says_nothing(text):
    assert reading(text).findings == ()


def test_every_indicator_that_is_read_is_tried_in_both_languages_or_named_here():
    tried = {indicator for indicator, *_ in SAID}
    assert {
        "convoy_attack", "convoy_arrival", "convoy_disruption", "blockade_declared", "blockade_lifted", "checkpoint",
        "road_block", "fuel_shortage_report", "fuel_recovery_report", "attack_military", "attack_civilian",
        "base_captured", "abduction", "mine_ied", "military_operation", "food_price_report", "fuel_price_report",
        "fuel_price_official", "fuel_price_informal", "power_cut_report", "power_hours", "school_closure",
        "school_reopening", "health_shortage", "humanitarian_access", "flight_suspension", "flight_resumption",
        "displacement_report", "embassy_departure", "travel_advice", "negotiation", "truce", "truce_broken",
        "government_measure", "curfew", "media_restriction", "demonstration", "logistics_suspension",
        "logistics_resumption",
    } <= tried  # fmt: skip


def test_a_cause_in_a_side_clause_is_not_told_as_news():
    found = reading("Mali : les écoles ferment en raison de la pénurie de carburant").findings
    assert [f.indicator for f in found] == ["school_closure"]
    found = reading("Embassy urges citizens to leave Mali as fuel blockade bites").findings
    assert [f.indicator for f in found] == ["travel_advice"]


def test_a_lead_adds_what_its_own_main_clause_says():
    found = reading(
        "Mali : un convoi de citernes attaqué près de Kolokani",
        "Trois chauffeurs ont été enlevés. Les prix du carburant flambent à Bamako.",
    ).findings
    assert [f.indicator for f in found] == ["convoy_attack", "abduction", "fuel_price_report"]


def test_accents_capitals_hyphens_and_apostrophes_do_not_matter():
    for text in (
        "MALI : DES CAMIONS-CITERNES INCENDIÉS",
        "Mali : des camions citernes incendies",
        "Mali : l’incendie de camions‑citernes",
    ):
        assert [f.indicator for f in reading(text).findings] == ["convoy_attack"]
