//! Reference data and cases for tests. Codes are real, what is said of organisations is simplified.

use std::collections::BTreeMap;

use concord_derive::commissioner::{
    Activity, Case, DecisionTable, Organisation, Outcome, Postcode, Reference, ReferenceError,
    Settings, SettingsTable, Standing,
};
use jiff::civil::{Date, date};

/// The files of the shipped method.
pub(crate) fn read(name: &str) -> Result<String, String> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../schemas/commissioner-assignment/2025-26/"
    );
    std::fs::read_to_string(format!("{folder}{name}")).map_err(|error| error.to_string())
}

pub(crate) fn table() -> DecisionTable {
    DecisionTable::load(&read).unwrap()
}

/// One organisation with who commissioned it when.
pub(crate) struct Known {
    grouping: &'static str,
    geography: &'static str,
    postcode: &'static str,
    closed: Option<Date>,
    dormant: bool,
    successor: &'static str,
    commissioners: Vec<(&'static str, Date)>,
}

pub(crate) struct InMemory {
    pub(crate) organisations: BTreeMap<&'static str, Known>,
    pub(crate) postcodes: BTreeMap<&'static str, Postcode<'static>>,
}

pub(crate) const LONG_AGO: Date = date(2001, 4, 1);

pub(crate) fn organisation(
    grouping: &'static str,
    geography: &'static str,
    commissioner: &'static str,
    postcode: &'static str,
) -> Known {
    Known {
        grouping,
        geography,
        postcode,
        closed: None,
        dormant: false,
        successor: "",
        commissioners: vec![(commissioner, LONG_AGO)],
    }
}

impl Known {
    pub(crate) fn closed(mut self, on: Date, successor: &'static str) -> Self {
        self.closed = Some(on);
        self.successor = successor;
        self
    }

    pub(crate) fn dormant(mut self) -> Self {
        self.dormant = true;
        self
    }

    pub(crate) fn then(mut self, commissioner: &'static str, from: Date) -> Self {
        self.commissioners.push((commissioner, from));
        self
    }
}

impl Reference for InMemory {
    fn has_organisations(&self) -> bool {
        !self.organisations.is_empty()
    }

    fn has_postcodes(&self) -> bool {
        !self.postcodes.is_empty()
    }

    fn organisation(
        &self,
        code: &str,
        date: Date,
    ) -> Result<Option<Organisation<'_>>, ReferenceError> {
        Ok(self.organisations.get_key_value(code).map(|(code, known)| {
            let closed = known.closed.is_some_and(|closed| closed < date);
            let commissioner = known
                .commissioners
                .iter()
                .rev()
                .find(|(_, from)| *from <= date);
            Organisation {
                code,
                standing: match (closed, known.dormant) {
                    (true, _) => Standing::Closed,
                    (false, true) => Standing::Dormant,
                    (false, false) => Standing::Active,
                },
                national_grouping: known.grouping,
                geography: known.geography,
                commissioner: commissioner.map_or("", |(code, _)| code),
                postcode: known.postcode,
                successor: if closed { known.successor } else { "" },
            }
        }))
    }

    fn postcode(&self, key: &str, _: Date) -> Result<Option<Postcode<'_>>, ReferenceError> {
        Ok(self.postcodes.get(key).copied())
    }
}

pub(crate) const ENGLAND: &str = "E92000001";
pub(crate) const WALES: &str = "W92000004";
pub(crate) const SCOTLAND: &str = "S92000003";

pub(crate) fn place(
    country: &'static str,
    icb: &'static str,
    sub_icb: &'static str,
    local_authority: &'static str,
) -> Postcode<'static> {
    Postcode {
        country,
        icb,
        sub_icb,
        local_authority,
    }
}

pub(crate) fn reference() -> InMemory {
    let organisations = BTreeMap::from([
        // Practices of Cumbria, Lancashire, Cheshire; one of Wales, of the forces, of Jersey.
        ("A82013", organisation("Y63", "QHM", "01H", "CA17 4RB")),
        (
            "A82026",
            organisation("Y62", "QE1", "01H", "LA9 7HR").then("01K", date(2025, 10, 1)),
        ),
        (
            "A82048",
            organisation("Y63", "QHM", "01H", "CA14 3FT").closed(date(2025, 6, 30), "A82013"),
        ),
        (
            "A82058",
            organisation("Y63", "QHM", "01H", "CA28 7BA").dormant(),
        ),
        ("N81001", organisation("Y62", "QYG", "27D", "CH1 4DS")),
        ("N81999", organisation("Y62", "QYG", "", "CH1 4DS")),
        ("W91006", organisation("W00", "Q99", "7A1", "LL13 7TD")),
        ("A91024", organisation("Y63", "QHM", "13Q", "DL9 3PZ")),
        ("A91999", organisation("Y63", "QHM", "13Q", "BF1 3AA")),
        ("JER001", organisation("J00", "YAE", "", "JE2 3QA")),
        // Trusts.
        ("RNN", organisation("Y63", "QHM", "", "CA2 7HY")),
        ("RJR", organisation("Y62", "QYG", "", "CH2 1UL")),
        ("RBS", organisation("Y62", "QYG", "", "L12 2AP")),
        ("7A1", organisation("W00", "Q99", "", "LL57 2PW")),
    ]);
    let postcodes = BTreeMap::from([
        ("CA174RB", place(ENGLAND, "QHM", "01H", "E06000064")),
        ("CA27HY", place(ENGLAND, "QHM", "01H", "E06000063")),
        ("LA97HR", place(ENGLAND, "QE1", "01K", "E06000064")),
        ("CH14DS", place(ENGLAND, "QYG", "27D", "E06000050")),
        ("CH21UL", place(ENGLAND, "QYG", "27D", "E06000050")),
        ("L122AP", place(ENGLAND, "QYG", "99Z", "E08000012")),
        ("DL93PZ", place(ENGLAND, "QHM", "42D", "E06000065")),
        ("DH15YD", place(ENGLAND, "QHM", "84H", "E06000047")),
        (
            "LL137TD",
            place(WALES, "W11000023", "W11000023", "W06000006"),
        ),
        (
            "CF101EP",
            place(WALES, "W11000029", "W11000029", "W06000015"),
        ),
        (
            "LL572PW",
            place(WALES, "W11000023", "W11000023", "W06000002"),
        ),
        (
            "EH11YZ",
            place(SCOTLAND, "S99999999", "S03000012", "S12000036"),
        ),
        (
            "TS15EF",
            place(ENGLAND, "E54000050", "E38000215", "E06000002"),
        ),
    ]);
    InMemory {
        organisations,
        postcodes,
    }
}

/// A spell of a Cumbrian patient in a Cumbrian trust.
pub(crate) fn spell() -> Case<'static> {
    Case {
        activity: Some(Activity::Admitted),
        assignment_date: Some(date(2025, 9, 10)),
        provider: Some("RNN"),
        practice: Some("A82013"),
        postcode: Some("CA17 4RB"),
        overseas_visitor_charging_category: Some("A"),
        administrative_category: Some("01"),
        submitted: Some("01H"),
        ..Case::default()
    }
}

pub(crate) fn settings(text: &str) -> Settings {
    Settings::read("settings.toml", text).unwrap()
}

/// Settings with the tables that only users have.
pub(crate) fn with_tables(text: &str) -> Settings {
    let mut settings = settings(text);
    for (table, rows) in [
        (
            SettingsTable::ProviderHubs,
            "provider,hub\nRNN,85J\nRJR,27T\n",
        ),
        (
            SettingsTable::ServicesBefore1991,
            "service,nation\nNCBPS08A,\nNCBPS13N,scotland\n",
        ),
        (
            SettingsTable::LocalAuthorityServices,
            "service,authority\nLASEX,907\n",
        ),
        (
            SettingsTable::Areas,
            "area,organisation\nE38000215,01H\nE54000050,QHM\n",
        ),
    ] {
        settings.add(table, "table.csv", rows).unwrap();
    }
    settings
}

pub(crate) fn derive(case: &Case<'_>, settings: &Settings) -> Outcome {
    table().derive(case, &reference(), settings).unwrap()
}
