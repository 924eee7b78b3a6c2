//! The rules that every XML standard has without saying so: the carrier's, the structure's and the values'.

use std::sync::{Arc, LazyLock};

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};

macro_rules! catalogue {
    ($($id:ident = $name:literal, $class:ident, $effect:ident, $title:literal, $message:literal, $help:expr, $source:literal;)*) => {
        /// A rule of this catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // each is documented by its own entry, which `concord standards explain` shows
        pub enum BuiltinRule { $($id,)* }

        impl BuiltinRule {
            /// Every rule of the catalogue, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];
        }

        static RULES: LazyLock<Vec<Arc<Rule>>> = LazyLock::new(|| vec![$(
            Arc::new(Rule {
                id: $name.into(),
                title: $title.to_owned(),
                effect: Effect::$effect,
                message: $message.to_owned(),
                help: { let help: &str = $help; (!help.is_empty()).then(|| help.to_owned()) },
                source: $source.to_owned(),
                provenance: Provenance::Carrier,
                class: RuleClass::$class,
                status: RuleStatus::Stable,
                since: "0.1.0".to_owned(),
            }),
        )*]);
    };
}

catalogue! {
    NotWellFormed = "XML-NOT-WELL-FORMED", Carrier, RejectFile, "not well-formed XML",
        "{reason}", "an XML parser stops here, so the receiver reads nothing of the interchange", "XML 1.0 (fifth edition), 2.1";
    Truncated = "XML-TRUNCATED", Carrier, RejectFile, "the file ends too early",
        "the file ends inside `{parent}`", "the file was cut off, by a full disk or a broken transfer: make or send it again", "XML 1.0 (fifth edition), 2.1";
    Empty = "XML-EMPTY", Carrier, RejectFile, "nothing in the file",
        "the file holds no XML element", "", "XML 1.0 (fifth edition), 2.1";
    NotXml = "XML-NOT-XML", Carrier, RejectFile, "not XML",
        "this is not XML: the first thing in the file is {found}", "give an XML interchange, or name the standard of this file with --standard", "XML 1.0 (fifth edition), 2.1";
    Dtd = "XML-DTD", Carrier, RejectFile, "document type declaration",
        "a document type declaration (DTD) is refused", "remove `<!DOCTYPE …>`: it can make a small file grow without bound, and no NHS data standard uses one", "Concord: input limits";
    Encoding = "XML-ENCODING", Carrier, RejectFile, "bytes that are not in the encoding",
        "{reason}", "save the file as UTF-8, or declare the encoding that it really has", "XML 1.0 (fifth edition), 4.3.3";
    Depth = "LIMIT-DEPTH", Carrier, RejectFile, "nested too deeply",
        "elements are nested more than {expected} deep", "", "Concord: input limits";
    AttributeCount = "LIMIT-ATTRIBUTES", Carrier, RejectFile, "too many attributes",
        "an element has more than {expected} attributes", "", "Concord: input limits";
    TextLength = "LIMIT-TEXT", Carrier, RejectFile, "value too long to be read",
        "a value is longer than {expected} bytes", "", "Concord: input limits";
    RecordSize = "LIMIT-RECORD", Carrier, RejectFile, "record too large to be read",
        "a record is longer than {expected} bytes", "a record of this size is usually a missing end tag", "Concord: input limits";
    UnknownRoot = "STRUCTURE-ROOT", Structure, RejectFile, "another root element",
        "the file begins with `{value}`, which this standard does not define as a root", "it begins with {expected}", "XML Schema part 1, 5.2";
    Unknown = "STRUCTURE-UNKNOWN", Structure, RejectRecord, "unknown element",
        "`{found}` is not an element of `{parent}`", "here can stand: {allowed}", "XML Schema part 1, 3.4.4";
    Renamed = "STRUCTURE-NAME", Structure, RejectRecord, "misspelt element",
        "`{found}` is not an element of `{parent}`; it stands where `{nearest}` is expected", "write `{nearest}`", "XML Schema part 1, 3.4.4";
    Namespace = "STRUCTURE-NAMESPACE", Structure, RejectRecord, "element of another namespace",
        "`{found}` is in the namespace `{namespace}`; here it must be in `{expected}`", "", "XML Schema part 1, 3.3.4";
    Missing = "STRUCTURE-MISSING", Structure, RejectRecord, "missing element",
        "`{missing}` is missing from `{parent}`", "{where}", "XML Schema part 1, 3.4.4";
    Order = "STRUCTURE-ORDER", Structure, RejectRecord, "element in another order",
        "`{found}` is out of order in `{parent}`", "{where}", "XML Schema part 1, 3.4.4";
    TooMany = "STRUCTURE-REPEATED", Structure, RejectRecord, "element too often",
        "`{found}` stands more than {expected} time(s) in `{parent}`", "", "XML Schema part 1, 3.4.4";
    Choice = "STRUCTURE-CHOICE", Structure, RejectRecord, "two alternatives at once",
        "`{found}` cannot stand beside `{other}` in `{parent}`: only one of them may", "", "XML Schema part 1, 3.8.4";
    Text = "STRUCTURE-TEXT", Structure, RejectRecord, "text between elements",
        "text stands between the elements of `{parent}`", "only elements may stand here", "XML Schema part 1, 3.4.4";
    NotEmpty = "STRUCTURE-EMPTY", Structure, RejectRecord, "content in an empty element",
        "`{parent}` must be empty", "not even a blank may stand between its tags", "XML Schema part 1, 3.4.4";
    ChildInValue = "STRUCTURE-VALUE", Structure, RejectRecord, "element inside a value",
        "`{found}` stands inside `{parent}`, which holds a value and no elements", "", "XML Schema part 1, 3.4.4";
    AttributeMissing = "ATTRIBUTE-MISSING", Structure, RejectRecord, "missing attribute",
        "the attribute `{missing}` is missing from `{parent}`", "", "XML Schema part 1, 3.4.4";
    AttributeUnknown = "ATTRIBUTE-UNKNOWN", Structure, RejectRecord, "unknown attribute",
        "`{found}` is not an attribute of `{parent}`", "", "XML Schema part 1, 3.4.4";
    AttributeProhibited = "ATTRIBUTE-PROHIBITED", Structure, RejectRecord, "attribute that must not stand here",
        "the attribute `{found}` must not stand on `{parent}`", "", "XML Schema part 1, 3.4.4";
    XsiType = "STRUCTURE-TYPE", Structure, RejectRecord, "xsi:type that does not fit",
        "{reason}", "", "XML Schema part 1, 3.3.4";
    Nil = "STRUCTURE-NIL", Structure, RejectRecord, "xsi:nil that does not fit",
        "{reason}", "", "XML Schema part 1, 3.3.4";
    Abstract = "STRUCTURE-ABSTRACT", Structure, RejectRecord, "abstract element or type",
        "`{found}` is abstract and cannot be used itself", "", "XML Schema part 1, 3.3.4";
    ValueType = "VALUE-TYPE", Value, RejectRecord, "value of another kind",
        "{value} is not {expected}", "", "XML Schema part 2, 3";
    ValueCode = "VALUE-CODE", Value, RejectRecord, "code not on the list",
        "{value} is not a code of {list}", "{hint}", "XML Schema part 2, 4.3.5";
    ValueFormat = "VALUE-FORMAT", Value, RejectRecord, "value in another format",
        "{value} does not have the format {expected}", "", "XML Schema part 2, 4.3.4";
    ValueLength = "VALUE-LENGTH", Value, RejectRecord, "value too short or too long",
        "{value} has {length} character(s); the format is {expected}", "", "XML Schema part 2, 4.3.1 to 4.3.3";
    ValueRange = "VALUE-RANGE", Value, RejectRecord, "value out of range",
        "{value} is out of range: {expected}", "", "XML Schema part 2, 4.3.7 to 4.3.10";
    ValueDigits = "VALUE-DIGITS", Value, RejectRecord, "too many digits",
        "{value} has too many digits: {expected}", "", "XML Schema part 2, 4.3.11 and 4.3.12";
    ValueFixed = "VALUE-FIXED", Value, RejectRecord, "another value than the fixed one",
        "{value} stands where only {expected} may", "", "XML Schema part 1, 3.3.4 and 3.2.4";
}

impl BuiltinRule {
    /// What readers are told of it.
    pub fn rule(self) -> &'static Arc<Rule> {
        &RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_say_what_they_look_at() {
        let mut ids: Vec<&str> = BuiltinRule::ALL
            .iter()
            .map(|rule| &*rule.rule().id)
            .collect();
        for (rule, id) in BuiltinRule::ALL.iter().zip(&ids) {
            let prefix = id.split('-').next().unwrap_or("");
            let class = rule.rule().class;
            match prefix {
                "XML" | "LIMIT" => assert_eq!(class, RuleClass::Carrier, "{id}"),
                "STRUCTURE" | "ATTRIBUTE" => assert_eq!(class, RuleClass::Structure, "{id}"),
                "VALUE" => assert_eq!(class, RuleClass::Value, "{id}"),
                other => panic!("{id}: unknown prefix {other}"),
            }
        }
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
