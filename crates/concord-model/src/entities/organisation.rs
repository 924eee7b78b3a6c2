//! Organisations as at a date, and the people who are registered with practices.

use super::field::fields;
use super::{Area, Entity};

pub(super) static ORGANISATION: Entity = Entity {
    name: "organisation",
    area: Area::Organisations,
    title: "Organisation",
    meaning: "Providers, sites, practices, commissioners and all others that have a code",
    grain: "one organisation",
    parent: None,
    fields: fields! {
        text organisation_identifier "ORGANISATION IDENTIFIER" "the code";
        text name "" "the name";
        code("") status "" "active or inactive";
        code("") record_class "" "organisation or site";
        text address "" "address in one piece";
        text postcode "POSTCODE" "postcode of the address";
        text telephone "" "telephone number";
        text country "" "country of the address";
        date last_change_date "" "day the entry last changed";
    },
};

pub(super) static ORGANISATION_DATE: Entity = Entity {
    name: "organisation_date",
    area: Area::Organisations,
    title: "Dates of an organisation",
    meaning: "From when to when an organisation exists in law, and from when to when it works",
    grain: "one period of one organisation",
    parent: Some("organisation"),
    fields: fields! {
        text organisation_identifier "ORGANISATION IDENTIFIER" "the organisation";
        code("") date_type "" "legal or operational";
        date start_date "" "first day";
        date end_date "" "last day";
    },
};

pub(super) static ORGANISATION_ROLE: Entity = Entity {
    name: "organisation_role",
    area: Area::Organisations,
    title: "Role of an organisation",
    meaning: "What an organisation is: trust, site, practice, integrated care board and so on",
    grain: "one role of one organisation with its period",
    parent: Some("organisation"),
    fields: fields! {
        text organisation_identifier "ORGANISATION IDENTIFIER" "the organisation";
        code("") role "" "the role, as in RO177 for a prescribing cost centre";
        boolean is_primary "" "whether it is the organisation's main role";
        code("") status "" "active or inactive";
        code("") date_type "" "legal or operational";
        date start_date "" "first day";
        date end_date "" "last day";
    },
};

pub(super) static ORGANISATION_RELATION: Entity = Entity {
    name: "organisation_relation",
    area: Area::Organisations,
    title: "Relation of organisations",
    meaning: "Which organisation belongs to, or is commissioned by, which",
    grain: "one relation with its period",
    parent: Some("organisation"),
    fields: fields! {
        text organisation_identifier "ORGANISATION IDENTIFIER" "the organisation";
        code("") relation "" "the relation, as in RE4 for is commissioned by";
        text target_organisation_identifier "ORGANISATION IDENTIFIER" "the other organisation";
        code("") target_role "" "the other organisation's main role";
        code("") status "" "active or inactive";
        code("") date_type "" "legal or operational";
        date start_date "" "first day";
        date end_date "" "last day";
    },
};

pub(super) static ORGANISATION_SUCCESSION: Entity = Entity {
    name: "organisation_succession",
    area: Area::Organisations,
    title: "Succession of organisations",
    meaning: "Which organisation took over from which",
    grain: "one succession",
    parent: Some("organisation"),
    fields: fields! {
        text organisation_identifier "ORGANISATION IDENTIFIER" "the organisation";
        code("") succession_type "" "predecessor or successor, seen from the organisation";
        text target_organisation_identifier "ORGANISATION IDENTIFIER" "the other organisation";
        date succession_date "" "day it took effect";
    },
};

pub(super) static PRACTICE_POPULATION: Entity = Entity {
    name: "practice_population",
    area: Area::Organisations,
    title: "Practice population",
    meaning: "How many people are registered with a practice, by sex, age and where they live",
    grain: "one count",
    parent: None,
    fields: fields! {
        date extract_date "" "day of the count";
        text general_medical_practice "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)" "the practice";
        text organisation_identifier_commissioner "" "commissioner of the practice";
        code("") area_type "" "kind of area that area is, as in lower layer super output area or postcode sector";
        text area "" "area that the people live in";
        code("person-stated-gender") sex "" "sex; nothing where all are counted together";
        integer age_from "" "youngest age in years; nothing where all are counted together";
        integer age_to "" "oldest age in years; nothing where there is none";
        integer number_of_patients "" "people";
    },
};
