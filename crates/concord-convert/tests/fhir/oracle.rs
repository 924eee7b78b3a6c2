//! The published rules: the JSON Schema of FHIR R4, and what the profiles of UK Core ask for.
//!
//! Of a profile's snapshot this checks elements that must be there, fixed values, slices that are told apart by a fixed
//! value, and extensions by their own profiles. It is a check of what is written here, not a validator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

pub(crate) struct Oracle {
    schemas: BTreeMap<String, jsonschema::Validator>,
    /// Profiles by their URL.
    profiles: BTreeMap<String, Value>,
    /// Codes of the code systems that the package has, by their URL.
    codes: BTreeMap<String, Vec<String>>,
}

const TYPES: &[&str] = &[
    "AllergyIntolerance",
    "Bundle",
    "Condition",
    "Encounter",
    "EpisodeOfCare",
    "Location",
    "Organization",
    "Patient",
    "PractitionerRole",
    "Procedure",
    "RelatedPerson",
    "ServiceRequest",
];

impl Oracle {
    /// `None`, said aloud, without the reference material. It is made once for all tests.
    pub(crate) fn open() -> Option<&'static Self> {
        static ORACLE: LazyLock<Option<Oracle>> = LazyLock::new(Oracle::load);
        ORACLE.as_ref()
    }

    fn load() -> Option<Self> {
        let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
            PathBuf::from,
        );
        let folder = folder.join("fhir");
        let Ok(schema) = std::fs::read_to_string(folder.join("fhir.schema.r4.0.1.json")) else {
            eprintln!("SKIPPED: no reference material at {}", folder.display());
            return None;
        };
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let schemas = TYPES.iter().map(|kind| {
            let one = json!({
                "$schema": schema["$schema"],
                "$ref": format!("#/definitions/{kind}"),
                "definitions": schema["definitions"],
            });
            ((*kind).to_owned(), jsonschema::validator_for(&one).unwrap())
        });
        let schemas = schemas.collect();
        let unpacked = tempfile::tempdir().unwrap();
        let package = folder.join("fhir.r4.ukcore.stu2-2.0.2.tgz");
        let tar = Command::new("tar")
            .arg("xzf")
            .arg(&package)
            .arg("-C")
            .arg(unpacked.path())
            .status();
        assert!(
            tar.unwrap().success(),
            "{} cannot be unpacked",
            package.display()
        );
        let (mut profiles, mut codes) = (BTreeMap::new(), BTreeMap::new());
        for entry in std::fs::read_dir(unpacked.path().join("package")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let content: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let Some(url) = content["url"].as_str().map(str::to_owned) else {
                continue;
            };
            match content["resourceType"].as_str() {
                Some("StructureDefinition") => {
                    profiles.insert(url, content);
                }
                Some("CodeSystem") => {
                    let concepts = content["concept"].as_array().unwrap();
                    let all = concepts
                        .iter()
                        .map(|concept| concept["code"].as_str().unwrap().to_owned());
                    codes.insert(url, all.collect());
                }
                _ => {}
            }
        }
        Some(Self {
            schemas,
            profiles,
            codes,
        })
    }

    /// Whether the package has a profile, an extension or a code system of this URL.
    pub(crate) fn knows(&self, url: &str) -> bool {
        self.profiles.contains_key(url) || self.codes.contains_key(url)
    }

    /// What is wrong with a resource.
    pub(crate) fn problems(&self, resource: &Value) -> Vec<String> {
        let kind = resource["resourceType"].as_str().unwrap();
        let Some(schema) = self.schemas.get(kind) else {
            return vec![format!("{kind} is not looked at")];
        };
        let mut problems: Vec<String> = schema
            .iter_errors(resource)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if let Some(urls) = resource["meta"]["profile"].as_array() {
            for url in urls {
                match self.profiles.get(url.as_str().unwrap()) {
                    Some(profile) => profiled(profile, resource, &mut problems),
                    None => problems.push(format!("there is no profile {url}")),
                }
            }
        }
        self.inside(resource, &mut problems);
        problems
    }

    /// Extensions, codings, and elements that hold nothing, wherever they are.
    fn inside(&self, value: &Value, problems: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                if items.is_empty() {
                    problems.push("an empty list".to_owned());
                }
                for item in items {
                    self.inside(item, problems);
                }
            }
            Value::Object(elements) => {
                if elements.is_empty() {
                    problems.push("an empty element".to_owned());
                }
                for extension in value["extension"].as_array().into_iter().flatten() {
                    let url = extension["url"].as_str().unwrap_or_default();
                    match self.profiles.get(url) {
                        Some(profile) => profiled(profile, extension, problems),
                        None if url.starts_with("http://hl7.org/fhir/") || !url.contains(':') => {}
                        None => problems.push(format!("there is no extension {url}")),
                    }
                }
                if let (Some(system), Some(code)) =
                    (value["system"].as_str(), value["code"].as_str())
                    && let Some(codes) = self.codes.get(system)
                    && !codes.iter().any(|known| known == code)
                {
                    problems.push(format!("{system} has no code {code}"));
                }
                for value in elements.values() {
                    self.inside(value, problems);
                }
            }
            Value::Null => problems.push("null".to_owned()),
            _ => {}
        }
    }
}

/// What a profile asks for and an element lacks.
fn profiled(profile: &Value, root: &Value, problems: &mut Vec<String>) {
    let elements = profile["snapshot"]["element"].as_array().unwrap();
    for element in elements {
        let id = element["id"].as_str().unwrap();
        let Some((parent, name)) = id.rsplit_once('.') else {
            continue;
        };
        let least = element["min"].as_u64().unwrap_or(0) as usize;
        let fixed = element.as_object().unwrap().iter();
        let fixed = fixed.filter(|(key, _)| key.starts_with("fixed") || key.starts_with("pattern"));
        let fixed = fixed.map(|(_, value)| value).next();
        for seat in seats(elements, root, parent) {
            let found = children(elements, seat, id, name);
            if found.len() < least {
                problems.push(format!(
                    "{id} is missing ({least} asked for, {} there)",
                    found.len()
                ));
            }
            if let Some(most) = element["max"]
                .as_str()
                .and_then(|most| most.parse::<usize>().ok())
                && found.len() > most
            {
                problems.push(format!(
                    "{id} is there {} times, {most} at most",
                    found.len()
                ));
            }
            if let Some(fixed) = fixed {
                for value in found {
                    if value != fixed {
                        problems.push(format!("{id} is {value}, not {fixed}"));
                    }
                }
            }
        }
    }
}

/// The elements of an id such as `Patient.identifier:nhsNumber`.
fn seats<'v>(elements: &[Value], root: &'v Value, id: &str) -> Vec<&'v Value> {
    let Some((parent, name)) = id.rsplit_once('.') else {
        return vec![root];
    };
    let seats = seats(elements, root, parent).into_iter();
    seats
        .flat_map(|seat| children(elements, seat, id, name))
        .collect()
}

/// Children of an element by the last part of an id: all of a name, of a choice, or of a slice.
fn children<'v>(elements: &[Value], seat: &'v Value, id: &str, name: &str) -> Vec<&'v Value> {
    let (name, slice) = name
        .split_once(':')
        .map_or((name, None), |(name, slice)| (name, Some(slice)));
    let mut found: Vec<&Value> = Vec::new();
    if let Some(choice) = name.strip_suffix("[x]") {
        let entries = seat.as_object().into_iter().flatten();
        found.extend(
            entries
                .filter(|(key, _)| key.starts_with(choice))
                .map(|(_, value)| value),
        );
    } else {
        match &seat[name] {
            Value::Null => {}
            Value::Array(items) => found.extend(items),
            one => found.push(one),
        }
    }
    if slice.is_some() {
        found.retain(|item| is_of_slice(elements, item, id));
    }
    found
}

/// Whether an item is of a slice: its fixed system, or the URL of its extension.
fn is_of_slice(elements: &[Value], item: &Value, id: &str) -> bool {
    let fixed = |end: &str| {
        let element = elements
            .iter()
            .find(|element| element["id"] == json!(format!("{id}.{end}")));
        element.and_then(|element| element["fixedUri"].as_str())
    };
    if let Some(system) = fixed("system") {
        return item["system"] == system;
    }
    let slice = elements.iter().find(|element| element["id"] == json!(id));
    let url = fixed("url").or_else(|| slice?["type"][0]["profile"][0].as_str());
    url.is_some_and(|url| item["url"] == url)
}

/// The oracle must be able to say no.
#[test]
fn what_a_profile_asks_for_is_missed() {
    let Some(oracle) = Oracle::open() else {
        return;
    };
    let url = |name: &str| format!("https://fhir.hl7.org.uk/StructureDefinition/{name}");
    let without_status = json!({
        "resourceType": "Encounter", "meta": {"profile": [url("UKCore-Encounter")]},
        "class": {"code": "AMB"}, "location": [{"period": {"start": "2025-01-01"}}],
    });
    let found = oracle.problems(&without_status);
    for missing in [
        "Encounter.status is missing",
        "Encounter.location.location is missing",
    ] {
        assert!(
            found.iter().any(|problem| problem.contains(missing)),
            "{missing}: {found:?}"
        );
    }
    let patient = json!({
        "resourceType": "Patient", "meta": {"profile": [url("UKCore-Patient")]}, "gender": "1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number"}],
        "extension": [{"url": url("Extension-UKCore-EthnicCategory")}],
        "maritalStatus": {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-PersonMaritalStatusEngland", "code": "?"}]},
    });
    let found = oracle.problems(&patient);
    for missing in [
        "/gender",
        "Patient.identifier:nhsNumber.value is missing",
        "Extension.value[x] is missing",
        "has no code ?",
    ] {
        assert!(
            found.iter().any(|problem| problem.contains(missing)),
            "{missing}: {found:?}"
        );
    }
}
