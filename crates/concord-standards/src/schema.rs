//! The components of a hierarchical structure, after names are resolved.
//!
//! The components are those of XML Schema 1.0 part 1 (<https://www.w3.org/TR/xmlschema-1/>), because that is what the
//! publishers' structures are written in, extended with what the Data Dictionary says of an element. The XSD importer
//! and the definition format both make a [`Schema`]; the compiler, the writer, the generator of samples and the
//! change gate all read one. A `Schema` holds no text of the published file other than names, codes and patterns.

use std::fmt;
use std::sync::Arc;

/// A namespace name and a local name. An empty namespace is "no namespace".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// Namespace name (URI), empty for none.
    pub namespace: Arc<str>,
    /// Local name.
    pub local: Arc<str>,
}

impl QName {
    /// A name from its two parts.
    pub fn new(namespace: impl Into<Arc<str>>, local: impl Into<Arc<str>>) -> Self {
        Self {
            namespace: namespace.into(),
            local: local.into(),
        }
    }
}

/// Shows the local name only: messages are about one standard, where that is what people know.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)
    }
}

/// Where in a definition something was said, for messages about the definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Path of the file inside its [`Source`](crate::Source).
    pub file: Arc<str>,
    /// Line, from 1; 0 when unknown.
    pub line: u32,
}

/// Index of an element declaration in [`Schema::elements`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub u32);

/// Index of a simple type in [`Schema::simple_types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimpleTypeId(pub u32);

/// Index of a complex type in [`Schema::complex_types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComplexTypeId(pub u32);

/// A whole structure.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Namespace that the structure defines, empty for none.
    pub namespace: Arc<str>,
    /// All element declarations, global and local. A declaration that several particles refer to stands once.
    pub elements: Vec<Element>,
    /// All simple types, named and anonymous, the built-in ones that are used included.
    pub simple_types: Vec<SimpleType>,
    /// All complex types, named and anonymous.
    pub complex_types: Vec<ComplexType>,
    /// Elements that may stand at the root (the global ones, abstract ones excluded).
    pub roots: Vec<ElementId>,
    /// Global attributes, which wildcards and `xsi`-free validation refer to.
    pub attributes: Vec<Attribute>,
}

/// What an element or attribute holds when it is empty or absent, or must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueConstraint {
    /// Stands for an empty element or an absent attribute.
    Default(String),
    /// The only permitted value (compared in the value space of the type).
    Fixed(String),
}

/// M/R/O/X as the Data Dictionary's notation page defines them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// M: must be present for the data to be accepted.
    Mandatory,
    /// R: must be present where the data exist; its absence does not reject.
    Required,
    /// O: at the sender's choice.
    Optional,
    /// X: listed, not to be sent. The published meaning was not found.
    NotUsed,
}

/// What the Data Dictionary and the specification say of an element beyond its type. All of it may be unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Data Dictionary name, such as `NHS NUMBER`.
    pub dictionary_name: Option<Arc<str>>,
    /// Format in dictionary notation, such as `max an20`.
    pub format: Option<Arc<str>>,
    /// M/R/O/X in this place.
    pub status: Option<Status>,
    /// Whether its value identifies a person, so that it is masked.
    pub personal: bool,
}

/// An element declaration.
#[derive(Debug, Clone)]
pub struct Element {
    /// Name.
    pub name: QName,
    /// What it contains.
    pub content: TypeId,
    /// Whether `xsi:nil="true"` may stand on it.
    pub nillable: bool,
    /// Default or fixed value.
    pub constraint: Option<ValueConstraint>,
    /// Only members of its substitution group may stand for it.
    pub is_abstract: bool,
    /// Heads whose substitution groups it belongs to directly.
    pub substitutes: Vec<ElementId>,
    /// Derivations that must not stand for it (`block`).
    pub block: DerivationSet,
    /// What the specification says of it.
    pub facts: Facts,
    /// Where it is declared.
    pub origin: Origin,
}

/// The type of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeId {
    /// Text only, no attributes.
    Simple(SimpleTypeId),
    /// Attributes or children, or both.
    Complex(ComplexTypeId),
    /// `xs:anyType`: anything.
    Any,
}

/// A set of ways to derive or replace types, as in `block` and `final`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DerivationSet {
    /// Extension.
    pub extension: bool,
    /// Restriction.
    pub restriction: bool,
    /// Substitution (elements only).
    pub substitution: bool,
}

/// How a complex type follows from its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derivation {
    /// The base's content followed by more.
    Extension,
    /// A subset of the base's content.
    Restriction,
}

/// A complex type, with its derivation already worked out: `content` and `attributes` are the effective ones.
#[derive(Debug, Clone)]
pub struct ComplexType {
    /// Name; `None` when it is anonymous.
    pub name: Option<QName>,
    /// The base and how it follows from it; `None` when it stands alone.
    pub base: Option<(TypeId, Derivation)>,
    /// Whether only types derived from it may be used.
    pub is_abstract: bool,
    /// Derivations that `xsi:type` must not use for it.
    pub block: DerivationSet,
    /// Effective content, the base's included.
    pub content: Content,
    /// Effective attributes, the base's included, prohibited ones kept so that messages can say so.
    pub attributes: Vec<AttributeUse>,
    /// Attributes that no [`AttributeUse`] names.
    pub any_attribute: Option<Wildcard>,
    /// Where it is defined.
    pub origin: Origin,
}

/// What stands between the tags.
#[derive(Debug, Clone)]
pub enum Content {
    /// Nothing, not even white space.
    Empty,
    /// Text of a simple type (with attributes, else the element's type is simple itself).
    Simple(SimpleTypeId),
    /// Elements in the order that the particle says.
    Children {
        /// The content model.
        particle: Particle,
        /// Whether text may stand between the elements.
        mixed: bool,
    },
}

/// Something that occurs a number of times.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    /// Fewest times.
    pub min: u32,
    /// Most times; `None` is unbounded.
    pub max: Option<u32>,
    /// What occurs.
    pub term: Term,
    /// Where it is said.
    pub origin: Origin,
}

/// What a particle repeats.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// An element.
    Element(ElementId),
    /// All of them, in this order.
    Sequence(Vec<Particle>),
    /// One of them.
    Choice(Vec<Particle>),
    /// All of them, in any order; each particle is an element with at most one occurrence.
    All(Vec<Particle>),
    /// Any element that the wildcard lets through.
    Any(Wildcard),
}

/// An attribute declaration.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name; the namespace is empty for unqualified local attributes.
    pub name: QName,
    /// Its simple type.
    pub content: SimpleTypeId,
    /// Default or fixed value.
    pub constraint: Option<ValueConstraint>,
    /// What the specification says of it.
    pub facts: Facts,
    /// Where it is declared.
    pub origin: Origin,
}

/// Whether an attribute must, may or must not stand on an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// May.
    Optional,
    /// Must.
    Required,
    /// Must not.
    Prohibited,
}

/// An attribute on a type.
#[derive(Debug, Clone)]
pub struct AttributeUse {
    /// The attribute.
    pub attribute: Attribute,
    /// Whether it must, may or must not stand there.
    pub usage: Use,
}

/// Namespaces that a wildcard lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceSet {
    /// `##any`.
    Any,
    /// `##other`: neither this namespace nor none.
    Other(Arc<str>),
    /// These, the empty name standing for "no namespace".
    These(Vec<Arc<str>>),
}

/// How closely what a wildcard lets through is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessContents {
    /// Must have a declaration and be valid.
    Strict,
    /// Valid if it has a declaration.
    Lax,
    /// Well-formed is enough.
    Skip,
}

/// `xs:any` or `xs:anyAttribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    /// Namespaces let through.
    pub namespaces: NamespaceSet,
    /// How closely their content is checked.
    pub process: ProcessContents,
}

/// A simple type.
#[derive(Debug, Clone)]
pub struct SimpleType {
    /// Name; `None` when it is anonymous.
    pub name: Option<QName>,
    /// Atomic, list or union.
    pub variety: Variety,
    /// Restriction steps from the built-in type (or list, or union) down to this type, outermost last.
    pub steps: Vec<Facets>,
    /// The type it restricts, when that has an id of its own.
    pub base: Option<SimpleTypeId>,
    /// The code list whose codes are the enumeration, by its id, when known.
    pub code_list: Option<Arc<str>>,
    /// The format in dictionary notation, when known.
    pub format: Option<Arc<str>>,
    /// Where it is defined.
    pub origin: Origin,
}

/// What a simple type's values are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variety {
    /// One value of a built-in type.
    Atomic(Builtin),
    /// Values between white space.
    List(SimpleTypeId),
    /// A value of the first member that takes it.
    Union(Vec<SimpleTypeId>),
}

/// The facets of one restriction step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// Patterns of this step: one of them must match (patterns of several steps must all match). XSD regular expressions.
    pub patterns: Vec<String>,
    /// Permitted values, in the order written; empty when not restricted.
    pub enumeration: Vec<String>,
    /// Exact length (characters, bytes of binary types, items of lists).
    pub length: Option<u64>,
    /// Least length.
    pub min_length: Option<u64>,
    /// Greatest length.
    pub max_length: Option<u64>,
    /// Smallest value, included.
    pub min_inclusive: Option<String>,
    /// Smallest value, excluded.
    pub min_exclusive: Option<String>,
    /// Greatest value, included.
    pub max_inclusive: Option<String>,
    /// Greatest value, excluded.
    pub max_exclusive: Option<String>,
    /// Most significant digits.
    pub total_digits: Option<u32>,
    /// Most digits after the point.
    pub fraction_digits: Option<u32>,
    /// White space treatment.
    pub white_space: Option<WhiteSpace>,
}

/// What happens to white space before a value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhiteSpace {
    /// Kept.
    Preserve,
    /// Tabs and line ends become blanks.
    Replace,
    /// As replace, then runs become one blank and the ends are trimmed.
    Collapse,
}

macro_rules! builtins {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The built-in simple types of XML Schema 1.0 part 2 (<https://www.w3.org/TR/xmlschema-2/>).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Builtin {
            $($(#[$doc])* #[doc = concat!("`xs:", $name, "`.")] $variant,)*
        }

        impl Builtin {
            /// Every built-in type.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Local name in the XML Schema namespace.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

builtins! {
    AnySimpleType = "anySimpleType",
    String = "string",
    NormalizedString = "normalizedString",
    Token = "token",
    Language = "language",
    Name = "Name",
    NcName = "NCName",
    NmToken = "NMTOKEN",
    NmTokens = "NMTOKENS",
    Id = "ID",
    IdRef = "IDREF",
    IdRefs = "IDREFS",
    Entity = "ENTITY",
    Entities = "ENTITIES",
    Boolean = "boolean",
    Decimal = "decimal",
    Integer = "integer",
    NonPositiveInteger = "nonPositiveInteger",
    NegativeInteger = "negativeInteger",
    NonNegativeInteger = "nonNegativeInteger",
    PositiveInteger = "positiveInteger",
    Long = "long",
    Int = "int",
    Short = "short",
    Byte = "byte",
    UnsignedLong = "unsignedLong",
    UnsignedInt = "unsignedInt",
    UnsignedShort = "unsignedShort",
    UnsignedByte = "unsignedByte",
    Float = "float",
    Double = "double",
    Duration = "duration",
    DateTime = "dateTime",
    Time = "time",
    Date = "date",
    GYearMonth = "gYearMonth",
    GYear = "gYear",
    GMonthDay = "gMonthDay",
    GDay = "gDay",
    GMonth = "gMonth",
    HexBinary = "hexBinary",
    Base64Binary = "base64Binary",
    AnyUri = "anyURI",
    QName = "QName",
    Notation = "NOTATION",
}

impl Builtin {
    /// The built-in type called `name` in the XML Schema namespace.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|builtin| builtin.name() == name)
    }
}

impl Builtin {
    /// The built-in type that a built-in type restricts (part 2, 3).
    pub fn base(self) -> Option<Self> {
        use Builtin as B;
        Some(match self {
            B::NormalizedString => B::String,
            B::Token => B::NormalizedString,
            B::Language | B::Name | B::NmToken => B::Token,
            B::NcName => B::Name,
            B::Id | B::IdRef | B::Entity => B::NcName,
            B::Integer => B::Decimal,
            B::NonPositiveInteger | B::NonNegativeInteger | B::Long => B::Integer,
            B::NegativeInteger => B::NonPositiveInteger,
            B::PositiveInteger | B::UnsignedLong => B::NonNegativeInteger,
            B::Int => B::Long,
            B::Short => B::Int,
            B::Byte => B::Short,
            B::UnsignedInt => B::UnsignedLong,
            B::UnsignedShort => B::UnsignedInt,
            B::UnsignedByte => B::UnsignedShort,
            _ => return None,
        })
    }

    /// Whether its values are whole numbers: `integer` and what is derived from it.
    pub fn is_integer(self) -> bool {
        std::iter::successors(Some(self), |builtin| builtin.base())
            .any(|builtin| builtin == Self::Integer)
    }
}

impl Schema {
    /// The declaration behind an id.
    pub fn element(&self, id: ElementId) -> &Element {
        &self.elements[id.0 as usize]
    }

    /// The simple type behind an id.
    pub fn simple_type(&self, id: SimpleTypeId) -> &SimpleType {
        &self.simple_types[id.0 as usize]
    }

    /// The complex type behind an id.
    pub fn complex_type(&self, id: ComplexTypeId) -> &ComplexType {
        &self.complex_types[id.0 as usize]
    }

    /// The simple type of an element's text: its own, or that of its simple content.
    pub fn text_type(&self, content: TypeId) -> Option<SimpleTypeId> {
        match content {
            TypeId::Simple(id) => Some(id),
            TypeId::Complex(id) => match self.complex_type(id).content {
                Content::Simple(simple) => Some(simple),
                Content::Empty | Content::Children { .. } => None,
            },
            TypeId::Any => None,
        }
    }
}
