//! What may stand where in an XSD: the content models and attributes of XML Schema 1.0 part 1, appendix A
//! (<https://www.w3.org/TR/xmlschema-1/#normative-schemaSchema>), as a table.

/// The lexical form of an attribute's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A name without a colon.
    Name,
    /// A name, perhaps with a prefix.
    QualifiedName,
    /// Several of them, separated by white space.
    QualifiedNames,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A whole number from 0.
    Count,
    /// A whole number from 0, or `unbounded`.
    CountOrUnbounded,
    /// `0` or `1`.
    ZeroOrOne,
    /// `1`.
    One,
    /// A namespace name that is not empty.
    Uri,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `#all`, or any of these words.
    Words(&'static [&'static str]),
    /// Anything.
    Text,
}

/// An attribute that may stand on an element.
pub(super) struct AttributeRule {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) required: bool,
}

/// A place in an element's content: which children, and how many.
pub(super) struct Slot {
    pub(super) names: &'static [&'static str],
    pub(super) required: bool,
    pub(super) repeats: bool,
}

/// What may stand on and in an element.
pub(super) struct ElementRule {
    pub(super) attributes: &'static [AttributeRule],
    pub(super) content: &'static [Slot],
}

/// Elements of XML Schema 1.0 that are understood but not supported.
pub(super) const NOT_SUPPORTED: &[&str] = &["redefine", "key", "keyref", "unique", "notation"];

const fn may(name: &'static str, form: Form) -> AttributeRule {
    AttributeRule {
        name,
        form,
        required: false,
    }
}

const fn must(name: &'static str, form: Form) -> AttributeRule {
    AttributeRule {
        name,
        form,
        required: true,
    }
}

const fn one(names: &'static [&'static str]) -> Slot {
    Slot {
        names,
        required: true,
        repeats: false,
    }
}

const fn maybe(names: &'static [&'static str]) -> Slot {
    Slot {
        names,
        required: false,
        repeats: false,
    }
}

const fn many(names: &'static [&'static str]) -> Slot {
    Slot {
        names,
        required: false,
        repeats: true,
    }
}

const NOTE: Slot = maybe(&["annotation"]);
const GROUPS: Slot = maybe(&["group", "all", "choice", "sequence"]);
const ATTRIBUTES: Slot = many(&["attribute", "attributeGroup"]);
const ANY_ATTRIBUTE: Slot = maybe(&["anyAttribute"]);
const PARTICLES: Slot = many(&["element", "group", "choice", "sequence", "any"]);
const TYPE: Slot = maybe(&["simpleType", "complexType"]);
const SIMPLE_TYPE: Slot = maybe(&["simpleType"]);
const KEYS: Slot = many(&["unique", "key", "keyref"]);
const FACETS: Slot = many(FACET_NAMES);

/// The facets.
pub(super) const FACET_NAMES: &[&str] = &[
    "minExclusive",
    "minInclusive",
    "maxExclusive",
    "maxInclusive",
    "totalDigits",
    "fractionDigits",
    "length",
    "minLength",
    "maxLength",
    "enumeration",
    "whiteSpace",
    "pattern",
];

const FORMS: &[&str] = &["qualified", "unqualified"];
const DERIVATIONS: &[&str] = &["extension", "restriction"];
const BLOCKS: &[&str] = &["extension", "restriction", "substitution"];
const PROCESS: &[&str] = &["strict", "lax", "skip"];

macro_rules! rule {
    ([$($attribute:expr),* $(,)?], [$($slot:expr),* $(,)?]) => {{
        const RULE: ElementRule = ElementRule {
            attributes: &[may("id", Form::Name), $($attribute),*],
            content: &[$($slot),*],
        };
        Some(&RULE)
    }};
}

/// The rule for the element `name` inside `parent` (empty for the root); `None` when it must not stand there.
pub(super) fn rule(parent: &str, name: &str) -> Option<&'static ElementRule> {
    use Form::{
        Boolean, Count, CountOrUnbounded, Name, One, QualifiedName, QualifiedNames, Text, Uri,
        Word, Words, ZeroOrOne,
    };
    let global = parent == "schema";
    match name {
        "schema" => rule!(
            [
                may("targetNamespace", Uri),
                may("version", Text),
                may(
                    "finalDefault",
                    Words(&["extension", "restriction", "list", "union"])
                ),
                may("blockDefault", Words(BLOCKS)),
                may("attributeFormDefault", Word(FORMS)),
                may("elementFormDefault", Word(FORMS)),
            ],
            [
                many(&["include", "import", "redefine", "annotation"]),
                many(&[
                    "simpleType",
                    "complexType",
                    "group",
                    "attributeGroup",
                    "element",
                    "attribute",
                    "notation",
                    "annotation",
                ]),
            ]
        ),
        "include" => rule!([must("schemaLocation", Text)], [NOTE]),
        "import" => rule!([may("namespace", Uri), may("schemaLocation", Text)], [NOTE]),
        "annotation" => rule!([], [many(&["appinfo", "documentation"])]),
        "element" if global => rule!(
            [
                must("name", Name),
                may("type", QualifiedName),
                may("substitutionGroup", QualifiedName),
                may("default", Text),
                may("fixed", Text),
                may("nillable", Boolean),
                may("abstract", Boolean),
                may("final", Words(DERIVATIONS)),
                may("block", Words(BLOCKS)),
            ],
            [NOTE, TYPE, KEYS]
        ),
        "element" if parent == "all" => rule!(
            [
                may("name", Name),
                may("ref", QualifiedName),
                may("type", QualifiedName),
                may("minOccurs", ZeroOrOne),
                may("maxOccurs", ZeroOrOne),
                may("default", Text),
                may("fixed", Text),
                may("nillable", Boolean),
                may("block", Words(BLOCKS)),
                may("form", Word(FORMS)),
            ],
            [NOTE, TYPE, KEYS]
        ),
        "element" => rule!(
            [
                may("name", Name),
                may("ref", QualifiedName),
                may("type", QualifiedName),
                may("minOccurs", Count),
                may("maxOccurs", CountOrUnbounded),
                may("default", Text),
                may("fixed", Text),
                may("nillable", Boolean),
                may("block", Words(BLOCKS)),
                may("form", Word(FORMS)),
            ],
            [NOTE, TYPE, KEYS]
        ),
        "attribute" if global => rule!(
            [
                must("name", Name),
                may("type", QualifiedName),
                may("default", Text),
                may("fixed", Text)
            ],
            [NOTE, SIMPLE_TYPE]
        ),
        "attribute" => rule!(
            [
                may("name", Name),
                may("ref", QualifiedName),
                may("type", QualifiedName),
                may("use", Word(&["optional", "required", "prohibited"])),
                may("default", Text),
                may("fixed", Text),
                may("form", Word(FORMS)),
            ],
            [NOTE, SIMPLE_TYPE]
        ),
        "complexType" if global => rule!(
            [
                must("name", Name),
                may("mixed", Boolean),
                may("abstract", Boolean),
                may("final", Words(DERIVATIONS)),
                may("block", Words(DERIVATIONS)),
            ],
            [
                NOTE,
                maybe(&[
                    "simpleContent",
                    "complexContent",
                    "group",
                    "all",
                    "choice",
                    "sequence"
                ]),
                ATTRIBUTES,
                ANY_ATTRIBUTE,
            ]
        ),
        "complexType" => rule!(
            [may("mixed", Boolean)],
            [
                NOTE,
                maybe(&[
                    "simpleContent",
                    "complexContent",
                    "group",
                    "all",
                    "choice",
                    "sequence"
                ]),
                ATTRIBUTES,
                ANY_ATTRIBUTE,
            ]
        ),
        "simpleContent" => rule!([], [NOTE, one(&["restriction", "extension"])]),
        "complexContent" => rule!(
            [may("mixed", Boolean)],
            [NOTE, one(&["restriction", "extension"])]
        ),
        "restriction" => match parent {
            "simpleType" => rule!([may("base", QualifiedName)], [NOTE, SIMPLE_TYPE, FACETS]),
            "simpleContent" => rule!(
                [must("base", QualifiedName)],
                [NOTE, SIMPLE_TYPE, FACETS, ATTRIBUTES, ANY_ATTRIBUTE]
            ),
            _ => rule!(
                [must("base", QualifiedName)],
                [NOTE, GROUPS, ATTRIBUTES, ANY_ATTRIBUTE]
            ),
        },
        "extension" if parent == "simpleContent" => rule!(
            [must("base", QualifiedName)],
            [NOTE, ATTRIBUTES, ANY_ATTRIBUTE]
        ),
        "extension" => rule!(
            [must("base", QualifiedName)],
            [NOTE, GROUPS, ATTRIBUTES, ANY_ATTRIBUTE]
        ),
        "group" if global => rule!(
            [must("name", Name)],
            [NOTE, one(&["all", "choice", "sequence"])]
        ),
        "group" => rule!(
            [
                must("ref", QualifiedName),
                may("minOccurs", Count),
                may("maxOccurs", CountOrUnbounded)
            ],
            [NOTE]
        ),
        // The content of a named group has no occurrence of its own.
        "all" if parent == "group" => rule!([], [NOTE, many(&["element"])]),
        "all" => rule!(
            [may("minOccurs", ZeroOrOne), may("maxOccurs", One)],
            [NOTE, many(&["element"])]
        ),
        "choice" | "sequence" if parent == "group" => rule!([], [NOTE, PARTICLES]),
        "choice" | "sequence" => rule!(
            [may("minOccurs", Count), may("maxOccurs", CountOrUnbounded)],
            [NOTE, PARTICLES]
        ),
        "any" => rule!(
            [
                may("namespace", Text),
                may("processContents", Word(PROCESS)),
                may("minOccurs", Count),
                may("maxOccurs", CountOrUnbounded),
            ],
            [NOTE]
        ),
        "anyAttribute" => rule!(
            [
                may("namespace", Text),
                may("processContents", Word(PROCESS))
            ],
            [NOTE]
        ),
        "attributeGroup" if global => {
            rule!([must("name", Name)], [NOTE, ATTRIBUTES, ANY_ATTRIBUTE])
        }
        "attributeGroup" => rule!([must("ref", QualifiedName)], [NOTE]),
        "simpleType" if global => rule!(
            [
                must("name", Name),
                may("final", Words(&["restriction", "list", "union"]))
            ],
            [NOTE, one(&["restriction", "list", "union"])]
        ),
        "simpleType" => rule!([], [NOTE, one(&["restriction", "list", "union"])]),
        "list" => rule!([may("itemType", QualifiedName)], [NOTE, SIMPLE_TYPE]),
        "union" => rule!(
            [may("memberTypes", QualifiedNames)],
            [NOTE, many(&["simpleType"])]
        ),
        "pattern" | "enumeration" => rule!([must("value", Text)], [NOTE]),
        "length" | "minLength" | "maxLength" | "totalDigits" | "fractionDigits" => {
            rule!([must("value", Count), may("fixed", Boolean)], [NOTE])
        }
        "whiteSpace" => rule!(
            [
                must("value", Word(&["preserve", "replace", "collapse"])),
                may("fixed", Boolean)
            ],
            [NOTE]
        ),
        name if FACET_NAMES.contains(&name) => {
            rule!([must("value", Text), may("fixed", Boolean)], [NOTE])
        }
        _ => None,
    }
}
