//! The catalogue of changes: `changes/ELEMENT-MADE-MANDATORY.toml` and its like, one file for each sort.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::change::{ChangeExample, ChangeRule, Whom};

macro_rules! catalogue {
    ($($kind:ident = $id:literal,)*) => {
        /// A sort of change, by its entry in the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind { $($kind,)* }

        impl Kind {
            const ALL: &'static [Self] = &[$(Self::$kind,)*];

            const fn text(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$kind => ($id, include_str!(concat!("../changes/", $id, ".toml"))),)*
                }
            }
        }
    };
}

catalogue! {
    // Groups and elements.
    ElementAdded = "ELEMENT-ADDED",
    ElementAddedMandatory = "ELEMENT-ADDED-MANDATORY",
    ElementRemoved = "ELEMENT-REMOVED",
    ElementRenamed = "ELEMENT-RENAMED",
    ElementMoved = "ELEMENT-MOVED",
    ElementMovedGroup = "ELEMENT-MOVED-GROUP",
    ElementMadeMandatory = "ELEMENT-MADE-MANDATORY",
    ElementMadeOptional = "ELEMENT-MADE-OPTIONAL",
    OccurrenceNarrowed = "OCCURRENCE-NARROWED",
    OccurrenceWidened = "OCCURRENCE-WIDENED",
    ContentNarrowed = "CONTENT-NARROWED",
    ContentWidened = "CONTENT-WIDENED",
    ContentKindChanged = "CONTENT-KIND-CHANGED",
    NilAllowed = "NIL-ALLOWED",
    NilForbidden = "NIL-FORBIDDEN",
    DefaultChanged = "DEFAULT-CHANGED",
    FixedAdded = "FIXED-ADDED",
    FixedChanged = "FIXED-CHANGED",
    FixedRemoved = "FIXED-REMOVED",
    DerivedTypeAdded = "DERIVED-TYPE-ADDED",
    DerivedTypeRemoved = "DERIVED-TYPE-REMOVED",
    SubstitutionChanged = "SUBSTITUTION-CHANGED",
    // Attributes.
    AttributeAdded = "ATTRIBUTE-ADDED",
    AttributeAddedMandatory = "ATTRIBUTE-ADDED-MANDATORY",
    AttributeRemoved = "ATTRIBUTE-REMOVED",
    AttributeMadeMandatory = "ATTRIBUTE-MADE-MANDATORY",
    AttributeMadeOptional = "ATTRIBUTE-MADE-OPTIONAL",
    AnyAttributeChanged = "ANY-ATTRIBUTE-CHANGED",
    // Values.
    FormatNarrowed = "FORMAT-NARROWED",
    FormatWidened = "FORMAT-WIDENED",
    FormatChanged = "FORMAT-CHANGED",
    FormatRestated = "FORMAT-RESTATED",
    ValuesAdded = "VALUES-ADDED",
    ValuesWithdrawn = "VALUES-WITHDRAWN",
    CodeListChanged = "CODE-LIST-CHANGED",
    // What the dictionary and the specification say.
    IdentityChanged = "IDENTITY-CHANGED",
    PersonalMarked = "PERSONAL-MARKED",
    PersonalUnmarked = "PERSONAL-UNMARKED",
    StatusChanged = "STATUS-CHANGED",
    // Tables and columns.
    TableAdded = "TABLE-ADDED",
    TableRemoved = "TABLE-REMOVED",
    TableRenamed = "TABLE-RENAMED",
    ColumnAdded = "COLUMN-ADDED",
    ColumnAddedMandatory = "COLUMN-ADDED-MANDATORY",
    ColumnRemoved = "COLUMN-REMOVED",
    ColumnRenamed = "COLUMN-RENAMED",
    ColumnMoved = "COLUMN-MOVED",
    ColumnMovedTable = "COLUMN-MOVED-TABLE",
    ColumnMadeMandatory = "COLUMN-MADE-MANDATORY",
    ColumnMadeOptional = "COLUMN-MADE-OPTIONAL",
    ColumnClosed = "COLUMN-CLOSED",
    ColumnOpened = "COLUMN-OPENED",
    ColumnCheckRaised = "COLUMN-CHECK-RAISED",
    ColumnCheckLowered = "COLUMN-CHECK-LOWERED",
    SpanChanged = "SPAN-CHANGED",
    LineLengthChanged = "LINE-LENGTH-CHANGED",
    HeaderUseChanged = "HEADER-USE-CHANGED",
    HeaderLost = "HEADER-LOST",
    DelimiterAdded = "DELIMITER-ADDED",
    DelimiterRemoved = "DELIMITER-REMOVED",
    AliasAdded = "ALIAS-ADDED",
    AliasRemoved = "ALIAS-REMOVED",
    // Code lists.
    CodeListAdded = "CODE-LIST-ADDED",
    CodeListRemoved = "CODE-LIST-REMOVED",
    CodeAdded = "CODE-ADDED",
    CodeWithdrawn = "CODE-WITHDRAWN",
    CodeRedated = "CODE-REDATED",
    CodeReworded = "CODE-REWORDED",
    CodeRespelt = "CODE-RESPELT",
    // Rules.
    RuleAdded = "RULE-ADDED",
    RuleRemoved = "RULE-REMOVED",
    RuleEffectRaised = "RULE-EFFECT-RAISED",
    RuleEffectLowered = "RULE-EFFECT-LOWERED",
    RuleConditionChanged = "RULE-CONDITION-CHANGED",
    RuleReworded = "RULE-REWORDED",
    UniquenessNarrowed = "UNIQUENESS-NARROWED",
    UniquenessWidened = "UNIQUENESS-WIDENED",
    RuleIdChanged = "RULE-ID-CHANGED",
    RuleOrderChanged = "RULE-ORDER-CHANGED",
    RulePublishedChanged = "RULE-PUBLISHED-CHANGED",
    // Submissions of many tables.
    SubmissionFactChanged = "SUBMISSION-FACT-CHANGED",
    TableLinksChanged = "TABLE-LINKS-CHANGED",
    XmlNameChanged = "XML-NAME-CHANGED",
    ScaleAdded = "SCALE-ADDED",
    ScaleRemoved = "SCALE-REMOVED",
    ScaleChanged = "SCALE-CHANGED",
    // Resources.
    TypeAdded = "TYPE-ADDED",
    TypeRemoved = "TYPE-REMOVED",
    TypeKindChanged = "TYPE-KIND-CHANGED",
    ElementArrayChanged = "ELEMENT-ARRAY-CHANGED",
    ElementTypesChanged = "ELEMENT-TYPES-CHANGED",
    ReferenceTargetsChanged = "REFERENCE-TARGETS-CHANGED",
    // The standard.
    EffectiveMoved = "EFFECTIVE-MOVED",
    StandardStatusChanged = "STANDARD-STATUS-CHANGED",
    StandardNumberChanged = "STANDARD-NUMBER-CHANGED",
    RecognitionChanged = "RECOGNITION-CHANGED",
    VersionStampChanged = "VERSION-STAMP-CHANGED",
    NamespaceChanged = "NAMESPACE-CHANGED",
    CarrierChanged = "CARRIER-CHANGED",
    EffectsRaised = "EFFECTS-RAISED",
    EffectsLowered = "EFFECTS-LOWERED",
    RecordChanged = "RECORD-CHANGED",
    RecordKeyChanged = "RECORD-KEY-CHANGED",
    // What is stored.
    StoredTableAdded = "STORED-TABLE-ADDED",
    StoredTableRemoved = "STORED-TABLE-REMOVED",
    StoredTableRenamed = "STORED-TABLE-RENAMED",
    StoredColumnAdded = "STORED-COLUMN-ADDED",
    StoredColumnRemoved = "STORED-COLUMN-REMOVED",
    StoredColumnRenamed = "STORED-COLUMN-RENAMED",
    StoredTypeNarrowed = "STORED-TYPE-NARROWED",
    StoredTypeWidened = "STORED-TYPE-WIDENED",
    StoredTypeChanged = "STORED-TYPE-CHANGED",
    StoredMadeNullable = "STORED-MADE-NULLABLE",
    StoredMadeNotNull = "STORED-MADE-NOT-NULL",
}

/// A file of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    title: String,
    message: String,
    rationale: String,
    breaks: Vec<String>,
    #[serde(default)]
    when: String,
    since: String,
    example: Example,
}

/// The example of an entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    part: String,
    old: String,
    new: String,
    witness: Option<String>,
    #[serde(default)]
    also: Vec<String>,
}

static RULES: LazyLock<Vec<Arc<ChangeRule>>> = LazyLock::new(|| {
    Kind::ALL
        .iter()
        .map(|kind| {
            let (id, text) = kind.text();
            let entry: Entry = toml::from_str(text).unwrap_or_else(|error| {
                panic!("changes/{id}.toml is part of the program: {error}")
            });
            Arc::new(rule(id, entry))
        })
        .collect()
});

fn rule(id: &str, entry: Entry) -> ChangeRule {
    ChangeRule {
        id: id.into(),
        title: entry.title,
        message: entry.message,
        rationale: entry.rationale,
        example: ChangeExample {
            part: entry.example.part,
            old: entry.example.old,
            new: entry.example.new,
            witness: entry.example.witness,
            also: entry.example.also,
        },
        can_break: Whom::ALL
            .into_iter()
            .filter(|whom| entry.breaks.iter().any(|word| word == whom.as_str()))
            .collect(),
        when: entry.when,
        since: entry.since,
    }
}

impl Kind {
    /// The entry.
    pub(crate) fn rule(self) -> Arc<ChangeRule> {
        Arc::clone(&RULES[self as usize])
    }
}

/// Every sort of change, in the order in which they are documented.
pub fn changes() -> &'static [Arc<ChangeRule>] {
    &RULES
}

/// The sort of change with an id; `None` when there is none.
pub fn find(id: &str) -> Option<&'static Arc<ChangeRule>> {
    static BY_ID: LazyLock<BTreeMap<&'static str, usize>> = LazyLock::new(|| {
        let ids = Kind::ALL.iter().enumerate();
        ids.map(|(index, kind)| (kind.text().0, index)).collect()
    });
    BY_ID.get(id).map(|index| &RULES[*index])
}
