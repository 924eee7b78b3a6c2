//! The table's text: what is refused, what can be read aloud, and the tables of the user's own.

use concord_derive::commissioner::{Case, DecisionTable, Settings, SettingsTable, explain};
use concord_finding::Masking;
use jiff::civil::date;

use crate::support::{derive, read, spell, with_tables};

/// Loads the shipped method with one text in a file changed.
fn changed(
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Result<DecisionTable, String> {
    let changed = move |name: &str| {
        let text = read(name)?;
        if name != file {
            return Ok(text);
        }
        assert!(text.contains(from), "{file} has no {from}");
        Ok(text.replacen(from, to, 1))
    };
    DecisionTable::load(&changed).map_err(|error| error.to_string())
}

#[test]
fn a_table_that_cannot_be_walked_is_refused() {
    let boxes = "table.toml";
    for (file, from, to, says) in [
        (
            boxes,
            "yes = \"A&E-1\"",
            "yes = \"A&E-2\"",
            "box `START` leads to `A&E-2`",
        ),
        (
            boxes,
            "yes = \"end:private\"",
            "yes = \"end:nobody\"",
            "box `A` leads to `end:nobody`",
        ),
        (
            boxes,
            "yes = \"end:private\"",
            "yes = \"START\"",
            "ways go round through START, A",
        ),
        (
            boxes,
            "set = \"dental\"",
            "set = \"teeth\"",
            "box `D` needs the set `teeth`",
        ),
        (
            boxes,
            "first = \"START\"",
            "first = \"BEGIN\"",
            "there is no box `BEGIN`",
        ),
        (
            boxes,
            "test = \"detained\"",
            "test = \"guessed\"",
            "table.toml (line",
        ),
        (
            boxes,
            "valid_to = \"2026-03-31\"",
            "valid_to = \"2026-02-30\"",
            "2026-02-30",
        ),
        (
            boxes,
            "reason = \"C_5\"",
            "reason = \"C_7\"",
            "end `sub-icb`: no reason code ends in C_7_1",
        ),
        (
            boxes,
            "unknown = \"C_5_X\"",
            "unknown = \"C_5_Y\"",
            "no reason code C_5_Y",
        ),
        (
            boxes,
            "unknown = \"C_2_X\"",
            "unknown = \"C_2_Y\"",
            "box `C-2`: there is no reason code C_2_Y",
        ),
        (
            boxes,
            "provider = \"3\" }",
            "hospital = \"3\" }",
            "nothing is found by `hospital`",
        ),
        (
            boxes,
            "code = \"13Q\"\n",
            "",
            "a code stands there if and only if",
        ),
        (
            "sets.toml",
            "name = \"welsh-boards\"",
            "name = \"dental\"",
            "`dental` stands there twice",
        ),
        (
            "sets.toml",
            "name = \"welsh-boards\"",
            "name = \"boards\"",
            "there is no set `welsh-boards`",
        ),
        (
            "sub-icbs.csv",
            "2025-04-01",
            "1 April",
            "sub-icbs.csv (line 2): `1 April` is no day",
        ),
        (
            "service-codes.csv",
            "not-direct",
            "unclear",
            "service-codes.csv (line 2)",
        ),
    ] {
        let error = changed(file, from, to).unwrap_err();
        assert!(error.contains(says), "{from} → {to}: {error}");
    }
    let error = DecisionTable::load(&|_| Err("no such file".to_owned())).unwrap_err();
    assert_eq!(error.to_string(), "table.toml: no such file");
}

#[test]
fn a_way_can_be_read_aloud_and_names_nobody() {
    let case = Case {
        practice: None,
        ..spell()
    };
    let outcome = derive(&case, &with_tables(""));
    let sentences = explain(&outcome, Masking::Masked);
    assert_eq!(sentences.len(), outcome.steps.len() + 3);
    assert_eq!(
        sentences[1],
        "A: Is it a chargeable overseas visitor or a private patient? No, because the charging category is A and the administrative category is 01."
    );
    let aloud = sentences.join("\n");
    assert!(
        aloud.contains("So 01H pays: the responsible sub-ICB location."),
        "{aloud}"
    );
    assert!(
        aloud.contains("The published reason code is 01H_C_5_1, with service category 12."),
        "{aloud}"
    );
    assert!(
        aloud.ends_with("01H was submitted, which agrees."),
        "{aloud}"
    );
    assert!(
        !aloud.contains("CA174RB") && !aloud.contains("CA17 4RB"),
        "{aloud}"
    );
    let revealed = explain(&outcome, Masking::Revealed).join("\n");
    assert!(
        revealed.contains("postcode CA174RB lies in England"),
        "{revealed}"
    );
    let nowhere = Case {
        assignment_date: Some(date(2030, 1, 1)),
        ..spell()
    };
    let aloud = explain(&derive(&nowhere, &with_tables("")), Masking::Masked).join("\n");
    assert!(
        aloud.starts_with("START: who pays cannot be said without the boxes of another year"),
        "{aloud}"
    );
}

#[test]
fn tables_of_the_users_own() {
    let mut settings = Settings::default();
    let mut add = |table, text| {
        settings
            .add(table, "hubs.csv", text)
            .map_err(|error| error.to_string())
    };
    add(
        SettingsTable::ProviderHubs,
        "\u{feff}Hub,Name,Provider\n27T,x,RJR\n",
    )
    .unwrap();
    add(
        SettingsTable::ServicesBefore1991,
        "service,nation\nNCBPS08A,\n",
    )
    .unwrap();
    for (text, says) in [
        (
            "provider,name\n",
            "hubs.csv (line 1): the heading has no column `hub`; provider_hubs has `provider`, `hub`",
        ),
        (
            "provider,hub\nRJR\n",
            "hubs.csv (line 2): the row has too few or too many values",
        ),
        (
            "provider,hub\nRJR,\n",
            "hubs.csv (line 2): a value is missing",
        ),
    ] {
        assert_eq!(add(SettingsTable::ProviderHubs, text).unwrap_err(), says);
    }
}
