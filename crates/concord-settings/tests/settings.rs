//! What `concord.toml` may say, what it must not, and where that is told.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding, Grade, Provenance, Rule, RuleClass, RuleStatus};
use concord_settings::{Category, Day, FailOn, Settings, Unused, Waivers};
use serde_json::Value;

const WHOLE: &str = r#"
[check]
standard = "plcm@2025"
schemas = "definitions"
reference = "reference"
fail-on = "warn"
max-rate = "0.5%"
baseline = "last.json"
max-findings = 1000
threads = 4

[rules]
"CM-PRICE" = "note"
CM-AGE = "off"

[[waiver]]
rule = "CM-POSTCODE"
element = "POSTCODE OF USUAL ADDRESS"
provider = "RXX"
file = "may/*.csv"
record = "A1"
owner = "Data Quality"
reason = "the supplier mends it in July"
expires = 2027-03-31

[feed]
source = ["mllp://0.0.0.0:2575"]
store = "store"
into = "out"
stays = true
metrics = "127.0.0.1:9575"
watch = false
log = "json"
threads = 4
standard = "itk-adt@1.0"
processing = ["P"]
schemas = "definitions"
reference = "reference-data"
tls-certificate = "tls/feed.pem"
tls-key = "tls/feed.key"
tls-clients = "tls/senders.pem"
allow-certificate = ["pas.rxx.nhs.uk"]
allow = ["10.1.0.0/16"]
allow-sender = ["PAS/RXX", "/RYY"]
max-message = "4MB"
max-connections = 2000
max-connections-of-address = 1000
max-in-flight = "64MB"
max-unanswered = 32
max-rate = 500
max-refused = 10
idle = "1h"
frame-time = "30s"
answer-time = "30s"
handshake-time = "10s"
keep = "90d"
keep-size = "100GB"
remember = "30d"
segment = "64MB"
waiting = 1024
commit = "4MB"
processed = "inbox-done"
failed = "inbox-failed"
settle = "1s"
to = ["nats://127.0.0.1:4222/adt"]
to-partitions = 16
partitions = 16
partition-subject = "adt"
process = 0
processes = 2
kafka-properties = "kafka.properties"
mesh-authorities = "tls/mesh.pem"
mesh-certificate = "tls/client.pem"
mesh-key = "tls/client.key"
mesh-workflow = "ADT*"
mesh-every = "1m"
parquet = "lake"
parquet-tables = "all"
parquet-rows = 100000
parquet-every = "5m"

[gate]
fail = ["submitter", "storage"]
off = ["CODE-REWORDED"]
notice-days = 90
published = 2026-11-22

[[gate.subject]]
path = "schemas/cds/6-3-1"
against = "git:origin/main"

[[gate.exception]]
rule = "CODE-WITHDRAWN"
place = "ethnic_category"
owner = "Standards"
reason = "agreed with the suppliers"
expires = 2027-03-31
"#;

/// Texts that are wrong, with the text that the problem stands at and words of its message.
const WRONG: &[(&str, &str, &str)] = &[
    ("[chek]\n", "chek", "unknown field"),
    ("[check]\nfailon = \"warn\"\n", "failon", "unknown field"),
    ("[feed]\nstores = \"x\"\n", "stores", "unknown field"),
    (
        "[feed]\nidle = \"soon\"\n",
        "\"soon\"",
        "a number and a unit",
    ),
    (
        "[feed]\nmax-message = \"4 apples\"\n",
        "\"4 apples\"",
        "no unit of size",
    ),
    ("[feed]\nmax-rate = 0\n", "0", "cannot be used here"),
    ("[feed]\nprocess = 70000\n", "70000", "cannot be used here"),
    ("[feed]\nallow = [1]\n", "[1]", "texts are expected"),
    ("[feed]\nto = 7\n", "7", "texts are expected"),
    (
        "[check]\nfail-on = \"error\"\n",
        "\"error\"",
        "no value of `fail-on`",
    ),
    ("[check]\nmax-rate = \"0.5\"\n", "\"0.5\"", "not a share"),
    ("[check]\nmax-rate = 0.5\n", "0.5", "invalid type"),
    ("[check]\nthreads = 0\n", "0", "cannot be used"),
    ("[check]\nthreads = 2000\n", "2000", "cannot be used"),
    ("[check]\nmax-findings = -1\n", "-1", "cannot be used"),
    (
        "[check]\nshow-values = true\n",
        "show-values",
        "unknown field",
    ),
    (
        "[rules]\nX = \"reject\"\n",
        "\"reject\"",
        "no value of `rules`",
    ),
    ("[rules]\nX = 1\n", "1", "invalid type"),
    ("[rules]\nX = \"note\"\nX = \"off\"\n", "X", "duplicate key"),
    ("[rules\n", "\n", "unclosed table"),
    (
        "[[waiver]]\nrule = \"X\"\nowner = \"o\"\nexpires = 2027-01-01\n",
        "[[waiver]]",
        "missing field `reason`",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nreason = \"r\"\nexpires = 2027-01-01\n",
        "[[waiver]]",
        "missing field `owner`",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nowner = \"o\"\nreason = \"r\"\n",
        "[[waiver]]",
        "missing field `expires`",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nowner = \" \"\nreason = \"r\"\nexpires = 2027-01-01\n",
        "\" \"",
        "the owner of a waiver is empty",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-01-01T10:00:00\n",
        "2027-01-01T10:00:00",
        "is not a day",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nowner = \"o\"\nreason = \"r\"\nexpires = \"2027-01-01\"\n",
        "\"2027-01-01\"",
        "expected a TOML datetime",
    ),
    (
        "[[waiver]]\nrule = \"X\"\nfile = \"[a\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-01-01\n",
        "\"[a\"",
        "no pattern of file names",
    ),
    (
        "[gate]\nfail = [\"everybody\"]\n",
        "\"everybody\"",
        "no value of `fail`",
    ),
    ("[gate]\nnotice-days = -3\n", "-3", "cannot be used"),
    (
        "[[gate.subject]]\nagainst = \"git:main\"\n",
        "[[gate.subject]]",
        "missing field `path`",
    ),
    (
        "[[gate.exception]]\nrule = \"X\"\nowner = \"o\"\nreason = \"\"\nexpires = 2027-01-01\n",
        "\"\"",
        "the reason of an exception is empty",
    ),
];

#[test]
fn everything_that_can_be_said_is_read() {
    let settings = Settings::read(WHOLE).unwrap();
    let check = &settings.check;
    assert_eq!(check.standard.as_deref(), Some("plcm@2025"));
    assert_eq!(check.fail_on, Some(FailOn::Warn));
    assert_eq!(check.max_rate.unwrap().to_string(), "0.5%");
    assert_eq!((check.max_findings, check.threads), (Some(1000), Some(4)));
    let grades = settings.grades();
    assert_eq!(grades.of("CM-PRICE"), Some(Grade::Effect(Effect::Note)));
    assert_eq!(grades.of("CM-AGE"), Some(Grade::Off));
    assert_eq!(grades.of("CM-DATE"), None);
    let waiver = &settings.waivers[0];
    assert_eq!(waiver.waived.owner, "Data Quality");
    assert_eq!(waiver.expires.to_string(), "2027-03-31");
    assert_eq!(&WHOLE[waiver.rule_span.clone()], "\"CM-POSTCODE\"");
    let gate = settings.gate.unwrap();
    assert_eq!(
        gate.fail,
        Some(vec![Category::Submitter, Category::Storage])
    );
    assert_eq!(gate.notice_days, Some(90));
    assert_eq!(gate.subjects[0].path.value, "schemas/cds/6-3-1");
    assert_eq!(gate.exceptions[0].place.as_deref(), Some("ethnic_category"));
    assert!(Settings::read("").unwrap().gate.is_none());
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    for (text, at, words) in WRONG {
        let errors = Settings::read(text).expect_err(text);
        let problem = &errors.problems[0];
        assert!(
            problem.message.contains(words),
            "{text}: {}",
            problem.message
        );
        let place = text.get(problem.span.clone()).unwrap();
        let from = text.find(at).unwrap();
        assert!(
            place.contains(at) || (from..=from + at.len()).contains(&problem.span.start),
            "{text}: told at `{place}`"
        );
    }
    let errors = Settings::read("[check]\nthreads = 0\nfail-on = \"x\"\n").unwrap_err();
    assert_eq!(
        errors.problems.len(),
        2,
        "everything is told at once: {errors}"
    );
}

/// What TOML says, as JSON: days become texts.
fn as_json(text: &str) -> Option<Value> {
    fn value(toml: toml::Value) -> Value {
        match toml {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(truth) => truth.into(),
            toml::Value::Datetime(moment) => moment.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(value).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(key, item)| (key, value(item)))
                .collect(),
        }
    }
    let table: toml::Table = toml::from_str(text).ok()?;
    Some(value(toml::Value::Table(table)))
}

#[test]
fn the_schema_takes_what_the_reader_takes_and_nothing_else() {
    let schema = include_str!("../../../schemas/meta/settings.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    for good in [WHOLE, "", "[gate]\n", "[rules]\n"] {
        let json = as_json(good).unwrap();
        let errors: Vec<String> = valid
            .iter_errors(&json)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{good}: {errors:?}");
    }
    // Whether a pattern of file names is one, and whether a day stands without quotes, a schema cannot say.
    let beyond = ["no pattern of file names", "expected a TOML datetime"];
    for (text, _, words) in WRONG.iter().filter(|(_, _, words)| !beyond.contains(words)) {
        if let Some(json) = as_json(text) {
            assert!(!valid.is_valid(&json), "the schema takes {text} ({words})");
        }
    }
    // Every key that the schema names is one that the reader knows, and the other way round: the whole example has all.
    let json = as_json(WHOLE).unwrap();
    let mut unsaid = Vec::new();
    compare_keys(&schema, &schema, &json, "", &mut unsaid);
    assert_eq!(
        unsaid,
        Vec::<String>::new(),
        "keys of the schema that the example does not have"
    );
}

fn compare_keys(
    root: &Value,
    schema: &Value,
    example: &Value,
    path: &str,
    unsaid: &mut Vec<String>,
) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return compare_keys(root, target, example, path, unsaid);
    }
    if let Some(items) = schema.get("items") {
        return compare_keys(root, items, &example[0], path, unsaid);
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (key, property) in properties {
        let here = format!("{path}/{key}");
        match example.get(key) {
            Some(inner) => compare_keys(root, property, inner, &here, unsaid),
            None => unsaid.push(here),
        }
    }
}

fn finding(rule: &str) -> Finding {
    let rule = Rule {
        id: rule.into(),
        title: String::new(),
        effect: Effect::RejectRecord,
        message: String::new(),
        label: None,
        help: None,
        source: String::new(),
        provenance: Provenance::Published,
        class: RuleClass::Business,
        status: RuleStatus::Stable,
        since: String::new(),
    };
    Finding {
        path: Some("plcm/POSTCODE".into()),
        element: Some("POSTCODE OF USUAL ADDRESS".into()),
        record: Some(3),
        record_key: Some(Fact::Plain("A1".into())),
        facts: vec![("provider".into(), Fact::Plain("RXX".into()))],
        ..Finding::new(Arc::new(rule), "data/may/plcm.csv".into())
    }
}

#[test]
fn waivers_cover_what_they_say_and_nothing_else() {
    for (scope, covered) in [
        ("", true),
        ("element = \"POSTCODE OF USUAL ADDRESS\"", true),
        ("element = \"postcode of usual address\"", true),
        ("element = \"POSTCODE\"", true),
        ("element = \"NHS NUMBER\"", false),
        ("provider = \"RXX\"", true),
        ("provider = \"RX\"", false),
        ("file = \"*.csv\"", true),
        ("file = \"may/*.csv\"", true),
        ("file = \"data/**\"", true),
        ("file = \"june/*.csv\"", false),
        ("file = \"y/plcm.csv\"", false),
        ("record = \"A1\"", true),
        ("record = \"A2\"", false),
        ("provider = \"RXX\"\nfile = \"june/*\"", false),
    ] {
        let text = format!(
            "[[waiver]]\nrule = \"X-1\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-03-31\n{scope}\n"
        );
        let settings = Settings::read(&text).unwrap();
        let mut waivers = Waivers::new(&settings.waivers, Day::new(2027, 3, 31).unwrap());
        assert_eq!(waivers.of(&finding("X-1")).is_some(), covered, "{scope}");
        assert!(waivers.of(&finding("X-2")).is_none());
        assert_eq!(waivers.unused().count(), usize::from(!covered), "{scope}");
        assert_eq!(waivers.expired().count(), 0);
        // The day after it covers nothing, and is no longer called unused.
        let mut late = Waivers::new(&settings.waivers, Day::new(2027, 4, 1).unwrap());
        assert!(late.of(&finding("X-1")).is_none());
        assert_eq!((late.expired().count(), late.unused().count()), (1, 0));
    }
}

#[test]
fn a_key_that_identifies_somebody_is_not_matched() {
    let text = "[[waiver]]\nrule = \"X-1\"\nrecord = \"9990000019\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-03-31\n";
    let settings = Settings::read(text).unwrap();
    let mut waivers = Waivers::new(&settings.waivers, Day::new(2026, 1, 1).unwrap());
    let mut finding = finding("X-1");
    finding.record_key = Some(Fact::Personal("9990000019".into()));
    assert!(waivers.of(&finding).is_none());
}

#[test]
fn a_provider_that_nobody_names_is_told() {
    let text = "[[waiver]]\nrule = \"X-1\"\nprovider = \"RXX\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-03-31\n";
    let settings = Settings::read(text).unwrap();
    for (provider, why) in [
        (None, Unused::NoProvider),
        (Some("RYY"), Unused::NothingFound),
    ] {
        let mut waivers = Waivers::new(&settings.waivers, Day::new(2026, 1, 1).unwrap());
        let mut finding = finding("X-1");
        finding.facts = provider
            .map(|who| ("provider".into(), Fact::Plain(who.into())))
            .into_iter()
            .collect();
        assert!(waivers.of(&finding).is_none());
        let unused: Vec<Unused> = waivers.unused().map(|(_, why)| why).collect();
        assert_eq!(unused, [why]);
    }
}

#[test]
fn the_first_waiver_that_covers_is_used() {
    let one = "[[waiver]]\nrule = \"X-1\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-03-31\n";
    let settings = Settings::read(&one.repeat(2)).unwrap();
    let mut waivers = Waivers::new(&settings.waivers, Day::new(2026, 1, 1).unwrap());
    for _ in 0..3 {
        assert!(waivers.of(&finding("X-1")).is_some());
    }
    assert_eq!(
        waivers.unused().count(),
        1,
        "the second covers nothing that the first does not"
    );
}

#[test]
fn grades_follow_the_finding() {
    let grades = Settings::read("[rules]\nA = \"warn\"\nB = \"off\"\n")
        .unwrap()
        .grades();
    let mut graded = finding("A");
    assert!(grades.apply(&mut graded));
    assert_eq!(graded.effect, Effect::Warn);
    assert!(!grades.apply(&mut finding("B")));
    let mut other = finding("C");
    assert!(grades.apply(&mut other));
    assert_eq!(other.effect, Effect::RejectRecord);
}

#[test]
fn a_feed_is_said_by_the_names_of_its_options() {
    let text = "[feed]\nsource = \"mllp://0.0.0.0:2575\"\nstore = \"store\"\nallow = [\"10.1.0.0/16\", \"::1\"]\n\
        max-message = \"4MB\"\nidle = \"1h\"\nmax-rate = 500\nstays = true\nlog = \"json\"\n";
    let feed = Settings::read(text).unwrap().feed;
    assert_eq!(feed.source[0].value, "mllp://0.0.0.0:2575");
    let allowed: Vec<&str> = feed.allow.iter().map(|said| &*said.value).collect();
    assert_eq!(allowed, ["10.1.0.0/16", "::1"]);
    assert_eq!(feed.max_message, Some(4 << 20));
    assert_eq!(feed.idle, Some(std::time::Duration::from_hours(1)));
    assert_eq!((feed.max_rate, feed.stays), (Some(500), Some(true)));
    let log = feed.log.unwrap();
    assert_eq!(&text[log.span], "\"json\"");
    assert_eq!(
        Settings::read("").unwrap().feed,
        concord_settings::FeedSettings::default()
    );
}
