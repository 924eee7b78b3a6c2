//! One-change mutants of an instance.
//!
//! A mutant need not be invalid: whoever uses it asks an oracle for the verdict. Each says what was changed and where.

mod attributes;
mod markup;
mod structure;
mod values;

use concord_standards::schema::Schema;

use crate::Dice;
use crate::tree::{Layout, Node};

/// A changed instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What kind of change.
    pub kind: MutantKind,
    /// Path of the changed element, or the offset of the changed byte.
    pub place: String,
    /// What was done.
    pub description: String,
    /// The whole document.
    pub bytes: Vec<u8>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $maker:path,)*) => {
        /// Kinds of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MutantKind {
            $($(#[$doc])* $variant,)*
        }

        impl MutantKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// A name for reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            fn apply(self, change: &mut Change<'_>) -> Option<Changed> {
                match self { $(Self::$variant => $maker(change),)* }
            }
        }
    };
}

kinds! {
    /// An element is left out.
    Missing = "missing element" in structure::missing,
    /// An element that no declaration names is put in.
    Unknown = "unknown element" in structure::unknown,
    /// An element stands twice.
    Duplicated = "duplicated element" in structure::duplicated,
    /// Two neighbours change places.
    Swapped = "swapped siblings" in structure::swapped,
    /// One character of a name is changed.
    Renamed = "renamed element" in structure::renamed,
    /// An element is put somewhere else.
    Moved = "moved element" in structure::moved,
    /// An element stands once more than it may.
    Repeated = "repeated beyond the maximum" in structure::repeated,
    /// An element loses all its children.
    Emptied = "emptied element" in structure::emptied,
    /// An element gets another's content.
    Grafted = "another element's content" in structure::grafted,
    /// A code that is not in the list.
    WrongCode = "wrong code" in values::wrong_code,
    /// One character too many.
    TooLong = "too long" in values::too_long,
    /// One character too few.
    TooShort = "too short" in values::too_short,
    /// A value at or one step beyond a bound.
    Boundary = "value at a boundary" in values::boundary,
    /// More digits than allowed.
    Digits = "digits" in values::digits,
    /// One character of a value is replaced.
    Character = "replaced character" in values::character,
    /// A value of another form.
    WrongForm = "value of another form" in values::wrong_form,
    /// No value.
    Empty = "empty value" in values::empty,
    /// White space around a value.
    Spaced = "white space around a value" in values::spaced,
    /// A comment inside a value.
    CommentInside = "comment inside a value" in values::comment,
    /// A value in a CDATA section, whole or in part.
    Cdata = "CDATA inside a value" in values::cdata,
    /// A processing instruction inside a value.
    InstructionInside = "processing instruction inside a value" in values::instruction,
    /// A character of a value as a reference.
    Reference = "character reference in a value" in values::reference,
    /// A reference to an entity that nobody declares, or one that is built in.
    Entity = "entity reference in a value" in values::entity,
    /// An element inside a value.
    ElementInside = "element inside a value" in values::element,
    /// An attribute is left out.
    AttributeMissing = "missing attribute" in attributes::missing,
    /// An attribute that no declaration names.
    AttributeUnknown = "unknown attribute" in attributes::unknown,
    /// An attribute with another value.
    AttributeWrong = "wrong attribute value" in attributes::wrong,
    /// An attribute stands twice.
    AttributeTwice = "duplicated attribute" in attributes::twice,
    /// An attribute in other quotes, or with blanks around its equals sign.
    AttributeQuotes = "attribute in other quotes" in attributes::quotes,
    /// Attributes in another order.
    AttributeOrder = "attributes in another order" in attributes::order,
    /// `xsi:type`.
    XsiType = "xsi:type" in attributes::xsi_type,
    /// `xsi:nil`.
    XsiNil = "xsi:nil" in attributes::xsi_nil,
    /// `xsi:schemaLocation`, which is always allowed.
    XsiLocation = "xsi:schemaLocation" in attributes::xsi_location,
    /// `xml:lang` and `xml:space`.
    XmlLang = "xml:lang" in attributes::xml_lang,
    /// An element in another namespace.
    Namespace = "wrong namespace" in attributes::namespace,
    /// The root and all below it in another namespace.
    RootNamespace = "wrong namespace on the root" in attributes::root_namespace,
    /// An element with a prefix that is declared on it.
    PrefixInside = "prefix declared inside" in attributes::prefix_inside,
    /// An element with a prefix that nobody declares.
    PrefixUndeclared = "undeclared prefix" in attributes::prefix_undeclared,
    /// Text between elements.
    TextBetween = "text between elements" in markup::text_between,
    /// Comments and processing instructions between elements.
    CommentBetween = "comment between elements" in markup::comment_between,
    /// A CDATA section between elements.
    CdataBetween = "CDATA between elements" in markup::cdata_between,
    /// The document ends early.
    Truncated = "truncated" in markup::truncated,
    /// One bit of one byte is changed.
    Flipped = "flipped bit" in markup::flipped,
    /// One byte is left out.
    Dropped = "dropped byte" in markup::dropped,
    /// One byte is put in.
    Inserted = "inserted byte" in markup::inserted,
    /// An end tag is left out.
    Unclosed = "unclosed tag" in markup::unclosed,
    /// An end tag with another name.
    WrongEnd = "wrong end tag" in markup::wrong_end,
    /// Lines end with carriage return and line feed.
    CrLf = "CRLF line ends" in markup::crlf,
    /// Tabs rather than blanks.
    Tabs = "tabs" in markup::tabs,
    /// Blanks and line ends inside tags.
    SpacedTags = "white space inside tags" in markup::spaced_tags,
    /// Empty elements written the other way.
    EmptyForm = "empty elements written the other way" in markup::empty_form,
    /// Everything on one line, or indented.
    OtherLayout = "another layout" in markup::other_layout,
    /// Another XML declaration, or none.
    Declaration = "another XML declaration" in markup::declaration,
    /// Something after the root.
    After = "something after the root" in markup::after,
}

/// What a maker of mutants works with.
struct Change<'c> {
    schema: &'c Schema,
    instance: &'c Node,
    layout: &'c Layout,
    dice: &'c mut Dice,
}

/// What a maker of mutants gives back.
struct Changed {
    place: String,
    description: String,
    bytes: Vec<u8>,
}

impl Change<'_> {
    /// A changed tree, written.
    #[expect(clippy::unnecessary_wraps, reason = "what every maker ends with")]
    fn tree(
        &self,
        tree: &Node,
        place: &[usize],
        description: impl Into<String>,
    ) -> Option<Changed> {
        Some(Changed {
            place: self.instance.path(place),
            description: description.into(),
            bytes: self.layout.write(tree).into_bytes(),
        })
    }

    /// The unchanged instance, written.
    fn written(&self) -> Vec<u8> {
        self.layout.write(self.instance).into_bytes()
    }

    /// The place of an element that `wanted` lets through.
    fn place(&mut self, wanted: impl Fn(&Node, &[usize]) -> bool) -> Option<Vec<usize>> {
        let instance = self.instance;
        let places: Vec<Vec<usize>> = instance
            .places()
            .into_iter()
            .filter(|place| instance.at(place).is_some_and(|node| wanted(node, place)))
            .collect();
        self.dice.pick(&places).cloned()
    }
}

/// A mutant of the kind; `None` when the instance has no place for such a change.
///
/// `schema` is the one that the instance was made from.
pub fn mutate(
    kind: MutantKind,
    schema: &Schema,
    instance: &Node,
    layout: &Layout,
    dice: &mut Dice,
) -> Option<Mutant> {
    let mut change = Change {
        schema,
        instance,
        layout,
        dice,
    };
    let changed = kind.apply(&mut change)?;
    Some(Mutant {
        kind,
        place: changed.place,
        description: changed.description,
        bytes: changed.bytes,
    })
}
