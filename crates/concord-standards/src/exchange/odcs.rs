//! A tabular standard as an Open Data Contract Standard v3 file.
//!
//! The file is YAML, of which JSON is a part (YAML 1.2, section 1.3); it is written as JSON, so that no text needs quoting
//! rules of its own and no further library is needed. Columns become properties, the format and code list their options, and
//! rules quality checks: SQL conditions as custom ones for the engine `concord`, the others as text.

use serde_json::{Map, Value, json};

use super::ExchangeError;
use crate::definition::{Definition, StandardStatus};
use crate::layout::{Field, Mandation, TableLayout};
use crate::rules::{Check, RuleDefinition};
use crate::schema::{Builtin, Facets, SimpleType, Variety};
use concord_finding::Effect;

/// The version of the contract standard that is written.
const API_VERSION: &str = "v3.0.1";

/// Writes a tabular standard as an Open Data Contract Standard file.
///
/// # Errors
/// [`ExchangeError::NotTabular`].
pub fn to_odcs(definition: &Definition) -> Result<String, ExchangeError> {
    let info = &definition.standard;
    let Some(layout) = &definition.layout else {
        return Err(ExchangeError::NotTabular(info.name()));
    };
    let tables: Vec<Value> = layout
        .tables
        .iter()
        .map(|one| table(definition, one))
        .collect();
    let mut contract = json!({
        "version": &*info.version,
        "kind": "DataContract",
        "apiVersion": API_VERSION,
        "id": info.name(),
        "name": info.title,
        "status": status(info.status),
        "description": description(definition),
        "schema": tables,
    });
    let mut own = vec![
        custom("source", &info.source),
        custom("publisher", &info.publisher),
    ];
    for (name, value) in [
        ("standardNumber", &info.number),
        ("effectiveFrom", &info.effective_from),
        ("effectiveTo", &info.effective_to),
    ] {
        own.extend(value.as_ref().map(|value| custom(name, value)));
    }
    contract["customProperties"] = Value::Array(own);
    // Values made of texts and numbers are always written.
    let text = serde_json::to_string_pretty(&contract);
    text.map(|text| text + "\n")
        .map_err(|error| ExchangeError::Json(error.to_string()))
}

fn status(status: StandardStatus) -> &'static str {
    match status {
        StandardStatus::Draft | StandardStatus::Provisional => "draft",
        StandardStatus::Current => "active",
        StandardStatus::Retired => "retired",
    }
}

fn description(definition: &Definition) -> Value {
    let info = &definition.standard;
    let purpose = info.covers.as_ref().unwrap_or(&info.title);
    let mut description = json!({ "purpose": purpose });
    if let Some(provenance) = &info.provenance {
        description["limitations"] = json!(provenance);
    }
    description
}

fn custom(property: &str, value: &str) -> Value {
    json!({ "property": property, "value": value })
}

fn table(definition: &Definition, table: &TableLayout) -> Value {
    let properties: Vec<Value> = table
        .fields
        .iter()
        .map(|field| property(definition, field))
        .collect();
    let quality: Vec<Value> = definition
        .rules
        .iter()
        .filter(|rule| !matches!(rule.check, Check::Field(_)))
        .map(check)
        .collect();
    let mut object = json!({
        "name": &*table.name,
        "physicalName": &*table.name,
        "logicalType": "object",
        "physicalType": "table",
        "description": table.title,
        "properties": properties,
    });
    if !quality.is_empty() {
        object["quality"] = Value::Array(quality);
    }
    object
}

fn property(definition: &Definition, field: &Field) -> Value {
    let simple = definition.schema.simple_type(field.value);
    let (logical, options) = logical(simple);
    let mut property = json!({
        "name": &*field.column,
        "businessName": &*field.element,
        "logicalType": logical,
        "required": field.mandation == Mandation::Mandatory,
    });
    if !field.format.is_empty() {
        property["physicalType"] = json!(&*field.format);
    }
    if !options.is_empty() {
        property["logicalTypeOptions"] = Value::Object(options);
    }
    if field.personal {
        property["classification"] = json!("personal");
    }
    let codes: Vec<&str> = simple
        .steps
        .iter()
        .flat_map(|step| &step.enumeration)
        .map(String::as_str)
        .collect();
    if !codes.is_empty() {
        property["quality"] = json!([{
            "type": "library",
            "rule": "validValues",
            "validValues": codes,
            "dimension": "conformity",
        }]);
    }
    let mut own = vec![custom("mandation", field.mandation.letter())];
    for (name, value) in [
        ("group", Some(&field.group)),
        ("codeList", field.code_list.as_ref()),
        ("presenceRule", field.presence_rule.as_ref()),
        ("formatRule", field.format_rule.as_ref()),
        ("codeRule", field.code_rule.as_ref()),
    ] {
        let value = value.filter(|value| !value.is_empty());
        own.extend(value.map(|value| custom(name, value)));
    }
    property["customProperties"] = Value::Array(own);
    property
}

/// The type of a column, and what restricts it.
fn logical(simple: &SimpleType) -> (&'static str, Map<String, Value>) {
    let mut options = Map::new();
    let none = Facets::default();
    let facets = simple.steps.last().unwrap_or(&none);
    let logical = match simple.variety {
        Variety::Atomic(Builtin::Date) => {
            options.insert("format".to_owned(), json!("yyyy-MM-dd"));
            return ("date", options);
        }
        Variety::Atomic(Builtin::DateTime) => {
            options.insert("format".to_owned(), json!("yyyy-MM-dd'T'HH:mm:ss"));
            return ("date", options);
        }
        // The options of numbers are bounds, which these formats do not have; their digits are the physical type.
        Variety::Atomic(Builtin::Decimal) => return ("number", options),
        Variety::Atomic(Builtin::Integer) => return ("integer", options),
        _ => "string",
    };
    for (name, length) in [
        ("minLength", facets.min_length.or(facets.length)),
        ("maxLength", facets.max_length.or(facets.length)),
    ] {
        if let Some(length) = length {
            options.insert(name.to_owned(), json!(length));
        }
    }
    if let [pattern] = &facets.patterns[..] {
        // Without the group, `^` and `$` would belong to the first and the last of several alternatives.
        options.insert("pattern".to_owned(), json!(format!("^(?:{pattern})$")));
    }
    (logical, options)
}

fn check(definition: &RuleDefinition) -> Value {
    let rule = &definition.rule;
    let mut check = json!({
        "name": &*rule.id,
        "description": rule.title,
        "dimension": dimension(&definition.check),
        "severity": match rule.effect {
            Effect::RejectFile | Effect::RejectGroup | Effect::RejectRecord => "error",
            Effect::Warn => "warning",
            Effect::Note => "info",
        },
        "businessImpact": rule.effect.as_str(),
    });
    match &definition.check {
        Check::Sql(sql) => {
            check["type"] = json!("custom");
            check["engine"] = json!("concord");
            check["implementation"] = json!(sql);
        }
        _ => check["type"] = json!("text"),
    }
    check
}

fn dimension(check: &Check) -> &'static str {
    match check {
        Check::Required { .. } | Check::OneOf { .. } => "completeness",
        Check::Unique { .. } => "uniqueness",
        Check::Code { .. } | Check::Field(_) | Check::Carrier(_) => "conformity",
        Check::Exists { .. } => "accuracy",
        Check::Window { .. } => "timeliness",
        _ => "consistency",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const STANDARD: &str = "id = \"x\"\nversion = \"1\"\ntitle = \"X\"\npublisher = \"p\"\nstatus = \"provisional\"\n\
        carrier = \"delimited\"\nsource = \"s\"\n[[table]]\nname = \"rows\"\n";
    const FIELDS: &str = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
        ,1,NHS_NUMBER,NHS NUMBER,WHO,M,n10,,,,,,,s,\n\
        ,2,DAY,,,O,an10 CCYY-MM-DD,,,,,,,s,\n\
        ,3,PRICE,,,R,max s18.max n8,,,,,,,s,\n\
        ,4,KIND,,,R,an1,kinds,,,,,,s,\n";

    #[test]
    fn columns_are_properties() {
        let files: BTreeMap<String, String> = [
            ("x/1/standard.toml", STANDARD),
            ("x/1/fields.csv", FIELDS),
            ("codes/kinds.csv", "code,meaning,valid_from,valid_to,source\nA,Alpha,,,s\nB,Beta,,,s\n"),
            ("elements.csv", "name,xml_names,format,code_list,personal,source\nNHS NUMBER,NHSNumber,n10,,yes,s\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let definition = Definition::load(&files, "x/1").expect("a definition");
        let contract: Value =
            serde_json::from_str(&to_odcs(&definition).expect("tabular")).expect("JSON");
        assert_eq!(contract["kind"], "DataContract");
        assert_eq!(contract["status"], "draft");
        let properties = &contract["schema"][0]["properties"];
        assert_eq!(properties[0]["required"], true);
        assert_eq!(properties[0]["classification"], "personal");
        assert_eq!(
            properties[0]["logicalTypeOptions"]["pattern"],
            "^(?:[0-9]{10})$"
        );
        assert_eq!(properties[1]["logicalType"], "date");
        assert_eq!(properties[2]["logicalType"], "number");
        assert_eq!(
            properties[3]["quality"][0]["validValues"],
            json!(["A", "B"])
        );
    }
}
