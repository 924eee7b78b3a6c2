//! The rules that every standard has without saying so: the carrier's, the structure's and the values'.

use concord_finding::Effect::{self, Note, RejectFile, RejectRecord, Warn};
use concord_finding::RuleClass::{self, Carrier, Structure, Value};
use concord_finding::{Provenance, Rule, RuleStatus, catalogue};

type Said = (
    &'static str,
    RuleClass,
    Effect,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn rule((id, class, effect, title, message, label, help, source): Said) -> Rule {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Rule {
        id: id.into(),
        title: title.to_owned(),
        effect,
        message: message.to_owned(),
        label: filled(label),
        help: filled(help),
        source: source.to_owned(),
        provenance: Provenance::Carrier,
        class,
        status: RuleStatus::Stable,
        since: "0.1.0".to_owned(),
    }
}

catalogue! {
    /// A rule of this catalogue.
    BuiltinRule by rule {
    NotWellFormed = "XML-NOT-WELL-FORMED", Carrier, RejectFile, "not well-formed XML",
        "{reason}", "an XML parser stops here", "the receiver reads nothing of an interchange that its parser cannot read to the end", "XML 1.0 (fifth edition), 2.1";
    Truncated = "XML-TRUNCATED", Carrier, RejectFile, "the file ends too early",
        "the file ends inside `{parent}`", "the file ends here", "the file was cut off, by a full disk or a broken transfer: make or send it again", "XML 1.0 (fifth edition), 2.1";
    Empty = "XML-EMPTY", Carrier, RejectFile, "nothing in the file",
        "the file holds no XML element", "", "", "XML 1.0 (fifth edition), 2.1";
    NotXml = "XML-NOT-XML", Carrier, RejectFile, "not XML",
        "this is not XML: it looks like {found}", "not XML", "give an XML interchange, or name the standard of this file with --standard", "XML 1.0 (fifth edition), 2.1";
    Dtd = "XML-DTD", Carrier, RejectFile, "document type declaration",
        "a document type declaration (DTD) is refused", "refused", "remove `<!DOCTYPE …>`: it can make a small file grow without bound, and no NHS data standard uses one", "Concord: input limits";
    Encoding = "XML-ENCODING", Carrier, RejectFile, "bytes that are not in the encoding",
        "{reason}", "not in the encoding", "save the file as UTF-8, or declare the encoding that it really has", "XML 1.0 (fifth edition), 4.3.3";
    Depth = "LIMIT-DEPTH", Carrier, RejectFile, "nested too deeply",
        "elements are nested more than {expected} deep", "one level too deep", "", "Concord: input limits";
    AttributeCount = "LIMIT-ATTRIBUTES", Carrier, RejectFile, "too many attributes",
        "an element has more than {expected} attributes", "too many attributes", "", "Concord: input limits";
    TextLength = "LIMIT-TEXT", Carrier, RejectFile, "value too long to be read",
        "a value is longer than {expected} bytes", "too long", "", "Concord: input limits";
    RecordSize = "LIMIT-RECORD", Carrier, RejectFile, "record too large to be read",
        "a record is longer than {expected} bytes", "too large", "a record of this size is usually a missing end tag", "Concord: input limits";
    UnknownRoot = "STRUCTURE-ROOT", Structure, RejectFile, "another root element",
        "the file begins with {value}, which this standard does not define as a root", "not a root of this standard", "it begins with {expected}", "XML Schema part 1, 5.2";
    Unknown = "STRUCTURE-UNKNOWN", Structure, RejectRecord, "unknown element",
        "`{found}` is not an element of `{parent}`", "not an element of `{parent}`", "here can stand: {allowed}", "XML Schema part 1, 3.4.4";
    Renamed = "STRUCTURE-NAME", Structure, RejectRecord, "misspelt element",
        "`{found}` is not an element of `{parent}`; it stands where `{nearest}` is expected", "expected `{nearest}`", "write `{nearest}`", "XML Schema part 1, 3.4.4";
    Namespace = "STRUCTURE-NAMESPACE", Structure, RejectRecord, "element of another namespace",
        "`{found}` is in the namespace `{namespace}`; here it must be in `{expected}`", "in another namespace", "", "XML Schema part 1, 3.3.4";
    Missing = "STRUCTURE-MISSING", Structure, RejectRecord, "missing element",
        "`{missing}` is missing from `{parent}`", "`{missing}` must stand before this", "{where}", "XML Schema part 1, 3.4.4";
    Order = "STRUCTURE-ORDER", Structure, RejectRecord, "element in another order",
        "`{found}` is out of order in `{parent}`", "out of order", "{where}", "XML Schema part 1, 3.4.4";
    TooMany = "STRUCTURE-REPEATED", Structure, RejectRecord, "element too often",
        "`{found}` stands more than {expected} time(s) in `{parent}`", "one too many", "", "XML Schema part 1, 3.4.4";
    Choice = "STRUCTURE-CHOICE", Structure, RejectRecord, "two alternatives at once",
        "`{found}` cannot stand beside `{other}` in `{parent}`: only one of them may", "not beside `{other}`", "", "XML Schema part 1, 3.8.4";
    Text = "STRUCTURE-TEXT", Structure, RejectRecord, "text between elements",
        "text stands between the elements of `{parent}`", "text between elements", "only elements may stand here", "XML Schema part 1, 3.4.4";
    NotEmpty = "STRUCTURE-EMPTY", Structure, RejectRecord, "content in an empty element",
        "`{parent}` must be empty", "not empty", "not even a blank may stand between its tags", "XML Schema part 1, 3.4.4";
    ChildInValue = "STRUCTURE-VALUE", Structure, RejectRecord, "element inside a value",
        "`{found}` stands inside `{parent}`, which holds a value and no elements", "an element inside a value", "", "XML Schema part 1, 3.4.4";
    AttributeMissing = "ATTRIBUTE-MISSING", Structure, RejectRecord, "missing attribute",
        "the attribute `{missing}` is missing from `{parent}`", "`{missing}` is missing", "", "XML Schema part 1, 3.4.4";
    AttributeUnknown = "ATTRIBUTE-UNKNOWN", Structure, RejectRecord, "unknown attribute",
        "`{found}` is not an attribute of `{parent}`", "unknown attribute", "", "XML Schema part 1, 3.4.4";
    AttributeProhibited = "ATTRIBUTE-PROHIBITED", Structure, RejectRecord, "attribute that must not stand here",
        "the attribute `{found}` must not stand on `{parent}`", "must not stand here", "", "XML Schema part 1, 3.4.4";
    XsiType = "STRUCTURE-TYPE", Structure, RejectRecord, "xsi:type that does not fit",
        "{reason}", "does not fit", "", "XML Schema part 1, 3.3.4";
    Nil = "STRUCTURE-NIL", Structure, RejectRecord, "xsi:nil that does not fit",
        "{reason}", "does not fit", "", "XML Schema part 1, 3.3.4";
    Abstract = "STRUCTURE-ABSTRACT", Structure, RejectRecord, "abstract element or type",
        "`{found}` is abstract and cannot be used itself", "abstract", "", "XML Schema part 1, 3.3.4";
    ValueType = "VALUE-TYPE", Value, RejectRecord, "value of another kind",
        "{value} is not {expected}", "not {expected}", "", "XML Schema part 2, 3";
    ValueCode = "VALUE-CODE", Value, RejectRecord, "code not on the list",
        "{value} is not a code of {of}", "not on the code list", "{hint}", "XML Schema part 2, 4.3.5";
    ValueFormat = "VALUE-FORMAT", Value, RejectRecord, "value in another format",
        "{value} does not have the format {expected}", "expected {expected}", "", "XML Schema part 2, 4.3.4";
    ValueLength = "VALUE-LENGTH", Value, RejectRecord, "value too short or too long",
        "{value} has {length} character(s); the format is {expected}", "{off}", "", "XML Schema part 2, 4.3.1 to 4.3.3";
    ValueRange = "VALUE-RANGE", Value, RejectRecord, "value out of range",
        "{value} is out of range: {expected}", "{off}", "", "XML Schema part 2, 4.3.7 to 4.3.10";
    ValueDigits = "VALUE-DIGITS", Value, RejectRecord, "too many digits",
        "{value} has too many digits: {expected}", "{off}", "", "XML Schema part 2, 4.3.11 and 4.3.12";
    TableEmpty = "TABLE-EMPTY", Carrier, RejectFile, "nothing in the file",
        "the file holds no row", "", "the export wrote nothing, or the file was cut off on the way: make or send it again", "RFC 4180, 2";
    TableNoRows = "TABLE-NO-ROWS", Carrier, Warn, "a header and nothing below it",
        "there are names of columns and no row below them", "the file ends here", "send a file without rows only where there is nothing to report", "RFC 4180, 2";
    TableDelimiter = "TABLE-DELIMITER", Carrier, RejectFile, "another delimiter",
        "the cells are separated by {value}, where {expected} is wanted ({how})", "separated by {value}", "save the file again as CSV with {expected} between the cells; everything else was checked all the same", "RFC 4180, 2.4";
    TableEncoding = "TABLE-ENCODING", Carrier, Warn, "not UTF-8",
        "{reason}", "not UTF-8", "save the file as UTF-8: who reads it otherwise sees other letters in names", "Concord: an encoding that nothing declares is a guess";
    TableMark = "TABLE-MARK", Carrier, Note, "byte order mark inside the file",
        "a byte order mark stands before this row, as where one file was put behind another", "a byte order mark", "", "RFC 3629, 6";
    TableNul = "TABLE-NUL", Carrier, RejectRecord, "NUL character",
        "{column} holds a NUL character", "a NUL character", "no text holds one: the export is damaged, or the file is not the text it claims to be", "RFC 4180, 2";
    TableQuote = "TABLE-QUOTE", Carrier, RejectRecord, "quote that is never closed",
        "a quote begins {column} and nothing closes it", "never closed", "the row was read to the end of its line; double every quote that belongs to a value", "RFC 4180, 2.5";
    TableQuoteText = "TABLE-QUOTE-TEXT", Carrier, Warn, "text behind a closing quote",
        "text follows the quote that closes {column}", "the quote closes here", "double every quote that belongs to a value", "RFC 4180, 2.7";
    TableBlank = "TABLE-BLANK", Carrier, Note, "blank rows",
        "{value} blank row(s) from here on", "blank", "", "RFC 4180, 2";
    TableHeaderMissing = "TABLE-HEADER-MISSING", Structure, RejectFile, "no names of columns",
        "the first row does not name the columns", "not the name of a column", "the first row must hold the names of the columns and nothing else: {expected}", "RFC 4180, 2.3";
    TableColumnMissing = "TABLE-COLUMN-MISSING", Structure, RejectFile, "missing column",
        "there is no column {expected} ({mandation})", "no {expected} among these", "", "the layout of the standard";
    TableColumnName = "TABLE-COLUMN-NAME", Structure, RejectFile, "misspelt column",
        "{value} is no column of this standard; {expected} is missing ({mandation})", "expected {expected}", "write {expected}; the values below were checked as such", "the layout of the standard";
    TableColumnUnknown = "TABLE-COLUMN-UNKNOWN", Structure, Warn, "columns that the standard does not have",
        "{value} column(s) are not of this standard: {columns}", "the first of them", "they were left out of the check; take them out of the file, or name the standard that has them with --standard", "the layout of the standard";
    TableColumnRepeated = "TABLE-COLUMN-REPEATED", Structure, RejectFile, "column that stands twice",
        "{value} stands twice, as column {first} and as column {second}", "the second", "only the first of them was checked: take one out", "the layout of the standard";
    TableHeaderRepeated = "TABLE-HEADER-REPEATED", Structure, RejectRecord, "names of columns among the rows",
        "this row repeats the names of the columns", "the names again", "files were put behind each other with their headers: take this row out", "RFC 4180, 2.3";
    TableTotals = "TABLE-TOTALS", Structure, RejectRecord, "totals among the rows",
        "this row holds totals ({value}) and no record", "totals", "take it out: the receiver counts it as one more record", "the layout of the standard";
    TableRagged = "TABLE-RAGGED", Structure, RejectRecord, "row with another number of cells",
        "the row has {value} cell(s); there are {expected} columns", "{value} cells", "usually a delimiter inside a value that is not in quotes, or a value left out", "RFC 4180, 2.4";
    TableEmptyCells = "TABLE-EMPTY-CELLS", Structure, Note, "empty cells behind the last column",
        "the row has {value} cell(s), and those beyond the {expected} columns are empty", "empty cells from here on", "", "RFC 4180, 2.4";
    TableLineLength = "TABLE-LINE-LENGTH", Structure, RejectRecord, "line of another length",
        "the line has {value} character(s); it must have {expected}", "{value} characters", "fields of fixed width are filled with blanks to their full width", "the layout of the standard";
    TableTextBehind = "TABLE-TEXT-BEHIND", Structure, Warn, "text behind the last column of a line",
        "text stands behind {column}, the last column of its line that is known", "behind the last column", "it is not read: the values of the line may have moved, or it is of a version with more columns", "the layout of the standard";
    TableMoved = "TABLE-MOVED", Structure, RejectRecord, "values in the wrong columns",
        "from {column} on the values stand {by}", "from here on", "a value was left out or put in before this one", "the layout of the standard";
    MessageEmpty = "MESSAGE-EMPTY", Carrier, RejectFile, "no message in the file",
        "the file holds no message", "", "an HL7 v2 message begins with a segment called MSH", "HL7 v2.4, 2.5";
    MessageOutside = "MESSAGE-OUTSIDE", Carrier, RejectFile, "text outside of messages",
        "{value} line(s) stand before the first message, or between one and the next", "outside of any message", "a message begins with MSH: one whose first lines were lost cannot be read", "HL7 v2.4, 2.15";
    MessageHeader = "MESSAGE-HEADER", Carrier, RejectRecord, "header that cannot be read",
        "the header of the message cannot be read: {reason}", "cannot be read", "MSH-1 and MSH-2 say which characters separate fields, components, repetitions and subcomponents: usually |^~\\&", "HL7 v2.4, 2.8 and 2.16.9";
    MessageLineEnd = "MESSAGE-LINE-END", Carrier, Warn, "segments that end with a line feed",
        "{value} segment(s) end with {found}, not with a carriage return alone", "ends with {found}", "segments end with a carriage return (0D); many receivers read anything else as one long segment", "HL7 v2.4, 2.8";
    MessageCut = "MESSAGE-CUT", Carrier, RejectRecord, "last message that nothing ends",
        "the file ends inside a message", "the file ends here", "every segment ends with a carriage return, and every frame with 1C 0D: the file was cut off on the way, or its last line end was left out", "HL7 v2.4, 2.8";
    MessageEncoding = "MESSAGE-ENCODING", Carrier, Warn, "not in the character set that the message names",
        "{value} message(s) hold bytes that are not {expected}; they were read as Windows-1252", "not {expected}", "say in MSH-18 which character set the message is in", "HL7 v2.4, 2.16.9.18";
    MessageControl = "MESSAGE-CONTROL", Carrier, Warn, "control character in a value",
        "a value holds a control character", "a control character", "write it as an escape sequence, such as \\X09\\", "HL7 v2.4, 2.10";
    MessageEscape = "MESSAGE-ESCAPE", Carrier, Warn, "escape sequence that means nothing",
        "{reason}", "no escape sequence", "a backslash that belongs to a value is written \\E\\", "HL7 v2.4, 2.10";
    MessageBatch = "MESSAGE-BATCH", Carrier, RejectFile, "batch that is not whole",
        "{reason}", "", "a file is FHS, batches and FTS; a batch is BHS, messages and BTS, which counts them", "HL7 v2.4, 2.15";
    MessageType = "MESSAGE-TYPE", Structure, RejectRecord, "message that the standard does not have",
        "{value} is not a message of this standard", "not a message of this standard", "{hint}", "HL7 v2.4, 2.16.9.9";
    MessageStructure = "MESSAGE-STRUCTURE", Structure, Warn, "another structure than the event's",
        "MSH-9 names the structure {value}; that of {found} is {expected}", "expected {expected}", "receivers choose what to check by the third component of MSH-9", "HL7 v2.4, 2.16.9.9";
    MessageVersion = "MESSAGE-VERSION", Structure, RejectRecord, "version that the standard does not take",
        "the message is of version {value}; the standard takes {expected}", "not {expected}", "", "HL7 v2.4, 2.16.9.12";
    InterchangeEmpty = "INTERCHANGE-EMPTY", Carrier, RejectFile, "no message in the interchange",
        "the file holds no message", "", "a message begins with UNH and ends with UNT, inside UNB and UNZ", "ISO 9735, 8";
    InterchangeNone = "INTERCHANGE-NONE", Carrier, Warn, "messages without an interchange",
        "{reason}", "", "receivers take messages by the interchange that they come in: UNB says from whom and to whom", "ISO 9735, 8";
    InterchangeHeader = "INTERCHANGE-HEADER", Carrier, RejectFile, "separators that cannot be read",
        "UNA cannot be read: {reason}", "cannot be read", "behind UNA stand the separators of components and elements, the decimal mark, the release character, a blank and the terminator: usually UNA:+.? '", "ISO 9735, 7 and annex B";
    InterchangeOutside = "INTERCHANGE-OUTSIDE", Carrier, RejectFile, "segments outside of messages",
        "{value} segment(s) stand before the first message, or between one and the next", "outside of any message", "a message begins with UNH and ends with UNT: one whose first or last segments were lost cannot be read", "ISO 9735, 8";
    InterchangeOpen = "INTERCHANGE-OPEN", Carrier, RejectFile, "interchange that is not whole",
        "{reason}", "", "an interchange is UNB, messages and UNZ, which counts them; the file was cut off, or a segment was left out", "ISO 9735, 8 and annex B";
    InterchangeCount = "INTERCHANGE-COUNT", Carrier, RejectFile, "trailer that counts otherwise",
        "{found} counts {value}; there are {expected}", "there are {expected}", "messages were lost or put in behind who counted them", "ISO 9735, annex B, 0036 and 0060";
    InterchangeReference = "INTERCHANGE-REFERENCE", Carrier, RejectFile, "trailer of another reference",
        "{found} ends {value}; {parent} began {expected}", "{parent} says {expected}", "header and trailer have one control reference: these are of two interchanges, or one was written wrongly", "ISO 9735, annex B, 0020 and 0048";
    InterchangeDuplicate = "INTERCHANGE-DUPLICATE", Carrier, Warn, "message reference used twice",
        "message {value} has the reference of an earlier message of its interchange", "used before", "answers name a message by its reference (UNH-1): number the messages of an interchange", "ISO 9735, annex B, 0062: a message reference is unique";
    InterchangeCut = "INTERCHANGE-CUT", Carrier, Warn, "last segment that nothing ends",
        "nothing ends the last segment of the file", "the file ends here", "every segment ends with a terminator, usually an apostrophe: it was left out, or the file was cut off on the way", "ISO 9735, 8";
    MessageSegments = "MESSAGE-SEGMENTS", Carrier, RejectRecord, "message that counts its segments otherwise",
        "UNT counts {value} segment(s); there are {expected}, UNH and UNT among them", "there are {expected}", "segments were lost or put in behind who counted them", "ISO 9735, annex B, 0074";
    MessageReference = "MESSAGE-REFERENCE", Carrier, RejectRecord, "message that ends with another reference",
        "UNT ends message {value}; UNH began {expected}", "UNH says {expected}", "header and trailer have one reference: these are of two messages, or one was written wrongly", "ISO 9735, annex B, 0062";
    FeedStandard = "FEED-STANDARD", Carrier, RejectRecord, "message that no standard of the feed is for",
        "no standard of this feed is for messages like this ({value})", "", "MSH-12 says the version and MSH-21 the profile; `concord feed --standard` judges every message by one standard", "HL7 v2.4, 2.9.2.2: a version that is not taken is rejected";
    FeedCarrier = "FEED-CARRIER", Carrier, RejectRecord, "resource over MLLP",
        "a resource of FHIR cannot be answered over MLLP: send it to a folder, a broker or a mailbox", "", "MLLP answers messages of HL7 v2 by the control id of their header, which a resource does not have; it is not stored", "HL7 v2.4, 2.9.2 (an acknowledgement names MSH-10) and appendix C";
    FeedProcessing = "FEED-PROCESSING", Carrier, RejectRecord, "processing id that the feed does not take",
        "MSH-11 says {value}; this feed takes {expected}", "not {expected}", "tests and training go to a feed of their own: P is for production, T for training, D for debugging", "HL7 v2.4, 2.9.2.2: a processing id that is not taken is rejected";
    FeedSeveral = "FEED-SEVERAL", Carrier, RejectRecord, "several messages where one must be",
        "{value} messages stand where one must be", "", "each message needs a frame of its own: an answer names one control id", "HL7 v2.4, 2.9.2 and appendix C";
    FeedIdAgain = "FEED-ID-AGAIN", Carrier, Warn, "control id that was used for another message",
        "message {value} has the same sender and control id, or of resources the same source, id and version, and other content", "", "whoever sends a message again sends it as it was; a counter that begins again should not within the time in which messages are remembered; a resource that changes gets another version", "HL7 v2.4, 2.16.9.10: MSH-10 identifies a message of its sender; FHIR R4, Resource.meta: each version of a resource has its own versionId";
    FeedNotPublished = "FEED-NOT-PUBLISHED", Carrier, Warn, "message that is too large for the broker",
        "a message of {value} bytes is larger than the broker takes, {expected} bytes; it is in the store", "", "raise the broker's limit, and read the message from the store", "Concord: the broker says how much it takes";
    FeedMore = "FEED-MORE", Carrier, Note, "more findings than are kept",
        "{value} further findings are not kept", "", "a message with so many is usually not of this standard at all", "Concord: input limits";
    SegmentName = "SEGMENT-NAME", Structure, RejectRecord, "line that is no segment",
        "a line of the message does not begin with the name of a segment", "no segment", "usually a line end inside a value, which must be written \\.br\\ or \\X0D\\", "HL7 v2.4, 2.6";
    SegmentMisspelt = "SEGMENT-MISSPELT", Structure, RejectRecord, "misspelt segment",
        "`{found}` is no segment of this standard; it stands where `{nearest}` is expected", "expected `{nearest}`", "write `{nearest}`; its fields were checked as such", "HL7 v2.4, 2.6";
    SegmentUnknown = "SEGMENT-UNKNOWN", Structure, RejectRecord, "segment that has no place in the message",
        "`{found}` has no place in `{parent}`", "has no place here", "here can stand: {allowed}", "HL7 v2.4, 2.12";
    SegmentLocal = "SEGMENT-LOCAL", Structure, Note, "local segment",
        "`{found}` is a local segment, of which the standard knows nothing", "a local segment", "an overlay for the sender says that it is expected", "HL7 v2.4, 2.11";
    SegmentMissing = "SEGMENT-MISSING", Structure, RejectRecord, "missing segment",
        "`{missing}` is missing from `{parent}`", "`{missing}` must stand before this", "{where}", "HL7 v2.4, 2.12";
    SegmentOrder = "SEGMENT-ORDER", Structure, RejectRecord, "segment in another order",
        "`{found}` is out of order in `{parent}`", "out of order", "{where}", "HL7 v2.4, 2.12";
    SegmentRepeated = "SEGMENT-REPEATED", Structure, RejectRecord, "segment too often",
        "`{found}` stands more than {expected} time(s) in `{parent}`", "one too many", "", "HL7 v2.4, 2.12";
    FieldMissing = "FIELD-MISSING", Structure, RejectRecord, "required field missing",
        "{element} is empty; it must be filled", "empty", "", "HL7 v2.5, 2.12.6";
    ComponentMissing = "COMPONENT-MISSING", Value, RejectRecord, "required component missing",
        "{element} is empty; it must be filled", "empty", "{hint}", "HL7 v2.5, 2.12.6";
    FieldRepeated = "FIELD-REPEATED", Structure, RejectRecord, "field repeated too often",
        "{element} stands {value} times; it may stand {expected} time(s)", "one too many", "", "HL7 v2.4, 2.7.5";
    FieldExtra = "FIELD-EXTRA", Structure, Warn, "fields that the segment does not have",
        "`{found}` has {expected} field(s); more stand behind them", "beyond the last field", "receivers leave out what they do not know", "HL7 v2.4, 2.7";
    FieldComponents = "FIELD-COMPONENTS", Structure, Warn, "components that the data type does not have",
        "{element} has more components than its data type, which has {expected}", "beyond the last component", "a separator that belongs to a value is written as an escape sequence; receivers leave out what they do not know", "HL7 v2.4, 2.7 and 2.10";
    JsonNotWellFormed = "JSON-NOT-WELL-FORMED", Carrier, RejectRecord, "not well-formed JSON",
        "{reason}", "a parser stops here", "the receiver reads nothing of a resource that its parser cannot read to the end", "RFC 8259, 2";
    JsonTruncated = "JSON-TRUNCATED", Carrier, RejectFile, "the JSON ends too early",
        "the text ends inside a value", "the text ends here", "the file was cut off, by a full disk or a broken transfer: make or send it again", "RFC 8259, 2";
    JsonEncoding = "JSON-ENCODING", Carrier, RejectRecord, "bytes that are not UTF-8",
        "bytes stand here that are not UTF-8", "not UTF-8", "write JSON as UTF-8, which is its only encoding between systems", "RFC 8259, 8.1";
    JsonEmpty = "JSON-EMPTY", Carrier, RejectFile, "no resource in the file",
        "the file holds no resource", "", "the export wrote nothing, or the file was cut off on the way: make or send it again", "RFC 8259, 2";
    JsonDuplicate = "JSON-DUPLICATE", Structure, RejectRecord, "name that stands twice in an object",
        "`{found}` stands twice in one object", "the second one", "parsers keep one of the two and do not say which: take one out", "RFC 8259, 4; FHIR R4, 2.6.2";
    JsonSchema = "JSON-SCHEMA", Structure, RejectRecord, "not as the JSON Schema has it",
        "{reason}", "not as the schema has it", "the schema says so at {where}", "the JSON Schema that was given";
    ResourceType = "RESOURCE-TYPE", Structure, RejectRecord, "resource of no known type",
        "{reason}", "no known type", "{hint}", "FHIR R4, 2.6.2";
    ResourceUnknown = "RESOURCE-UNKNOWN", Structure, RejectRecord, "unknown element",
        "`{found}` is no element of {parent}", "unknown element", "{hint}", "FHIR R4, 2.1.0.4";
    ResourceMissing = "RESOURCE-MISSING", Structure, RejectRecord, "missing element",
        "{element} is missing", "it must stand in here", "{hint}", "FHIR R4, 2.24.0.2";
    ResourceKind = "RESOURCE-KIND", Structure, RejectRecord, "value of another kind",
        "{element} must be {expected}; this is {found}", "must be {expected}", "{hint}", "FHIR R4, 2.6.2";
    ResourceEmpty = "RESOURCE-EMPTY", Structure, RejectRecord, "empty value",
        "{element} is empty: {found}", "empty", "leave out what there is no value for: FHIR has no empty values", "FHIR R4, 2.6.2 and ele-1";
    ResourceChoice = "RESOURCE-CHOICE", Structure, RejectRecord, "two values where one may be chosen",
        "`{found}` stands beside `{other}`: {element} has one type only", "beside `{other}`", "keep one of them", "FHIR R4, 2.24.0.2";
    ResourceAligned = "RESOURCE-ALIGNED", Structure, RejectRecord, "values and their extensions that do not match",
        "{reason}", "does not match", "a value and the extensions of it have the same place in both arrays, and null where there is none of either", "FHIR R4, 2.6.2";
    ResourceExtension = "RESOURCE-EXTENSION", Structure, RejectRecord, "extension without a value, or with too much",
        "{reason}", "one of them", "an extension has a value or further extensions, and not both", "FHIR R4, ext-1";
    ResourceContained = "RESOURCE-CONTAINED", Structure, RejectRecord, "contained resource that cannot be used",
        "{reason}", "", "{hint}", "FHIR R4, dom-2 to dom-5";
    ResourceNarrative = "RESOURCE-NARRATIVE", Value, RejectRecord, "narrative that is not XHTML as FHIR takes it",
        "{reason}", "", "a narrative is one div of XHTML, with text and simple markup in it and nothing that is run or fetched", "FHIR R4, txt-1 and txt-2";
    ResourceIdentifier = "RESOURCE-IDENTIFIER", Value, Warn, "identifier that its system does not have",
        "{element}: {value} is not {of}: {reason}", "not {of}", "the system of an identifier says what it looks like; an identifier of another kind has another system", "the owner of the system, as the list of systems of the standard names it";
    ResourceSystem = "RESOURCE-SYSTEM", Value, Warn, "code that its code system does not have",
        "{element}: {value} is not a code of {of}", "not of this code system", "{hint}", "the owner of the code system, as the list of systems of the standard names it";
    ResourceOrder = "RESOURCE-ORDER", Value, RejectRecord, "end before the beginning",
        "{element}: {value} lies before the start, {expected}", "before the start", "start and end were exchanged, or one of them was mistyped", "FHIR R4, per-1; of an appointment and a slot, what start and end mean";
    ResourceMore = "RESOURCE-MORE", Structure, Note, "more mistakes than are told",
        "{value} mistakes stand in one record; the first {expected} of them are told", "", "the record is usually of another kind than it says", "Concord: input limits";
    BundleEntry = "BUNDLE-ENTRY", Structure, RejectRecord, "bundle whose entries do not fit its type",
        "{reason}", "", "{hint}", "FHIR R4, bdl-1 to bdl-5 and bdl-9 to bdl-12";
    BundleAddress = "BUNDLE-ADDRESS", Structure, RejectRecord, "full URL that does not say which resource it is",
        "{reason}", "", "{hint}", "FHIR R4, bdl-7, bdl-8 and 2.36.4";
    ReferenceUnresolved = "REFERENCE-UNRESOLVED", Structure, RejectRecord, "reference to what is not there",
        "{reason}", "refers to nothing", "{hint}", "FHIR R4, ref-1 and 2.36.4";
    ReferenceTarget = "REFERENCE-TARGET", Structure, RejectRecord, "reference to another type of resource",
        "{element} refers to {found}; it may refer to {expected}", "{found}", "", "FHIR R4, 2.3.0.1";
    ValueMissing = "VALUE-MISSING", Value, RejectRecord, "mandatory value missing",
        "{element} is blank; it must be filled", "blank", "", "the layout of the standard";
    ValueNotUsed = "VALUE-NOT-USED", Value, RejectRecord, "value where none may be",
        "{element} holds {value}; it must be blank", "must be blank", "", "the layout of the standard";
    ValueUnclean = "VALUE-UNCLEAN", Value, Note, "value that needs cleaning",
        "{value} carries what nobody sees or needs ({damage})", "{damage}", "it was checked as {expected}", "Concord: repairs";
    ValueDamaged = "VALUE-DAMAGED", Value, RejectRecord, "value damaged by a spreadsheet or an export",
        "{value} was damaged on its way ({damage})", "{damage}", "it should be {expected}", "Concord: repairs";
    ValueFixed = "VALUE-FIXED", Value, RejectRecord, "another value than the fixed one",
        "{value} stands where only {expected} may", "only {expected} may stand here", "", "XML Schema part 1, 3.3.4 and 3.2.4";
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
                "TABLE" | "MESSAGE" | "FEED" | "JSON" => {
                    assert!(class <= RuleClass::Structure, "{id}");
                }
                "XML" | "LIMIT" | "INTERCHANGE" => assert_eq!(class, RuleClass::Carrier, "{id}"),
                "STRUCTURE" | "ATTRIBUTE" | "SEGMENT" | "FIELD" | "BUNDLE" | "REFERENCE" => {
                    assert_eq!(class, RuleClass::Structure, "{id}");
                }
                "RESOURCE" => assert!(class > RuleClass::Carrier, "{id}"),
                "VALUE" | "COMPONENT" => assert_eq!(class, RuleClass::Value, "{id}"),
                other => panic!("{id}: unknown prefix {other}"),
            }
        }
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
