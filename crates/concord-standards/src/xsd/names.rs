//! Names, and the namespaces that XML Schema itself uses.

/// XML Schema.
pub(super) const XSD_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema";
/// `xsi:type`, `xsi:nil` and the like.
pub(super) const XSI_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// `xml:lang`, `xml:space`, `xml:base`.
pub(super) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// White space as XML has it.
pub(super) fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Whether a text is a name without a colon (Namespaces in XML 1.0, production 4; the name characters are those of
/// XML 1.0, fifth edition, productions 4 and 4a).
pub(super) fn is_ncname(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_part)
}

fn is_name_start(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_part(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::is_ncname;

    #[test]
    fn names() {
        for name in ["a", "_", "CDS-XMLInterchange", "é", "a.b-c_1"] {
            assert!(is_ncname(name), "{name}");
        }
        for text in ["", "1a", "-a", "a b", "a:b", ".a"] {
            assert!(!is_ncname(text), "{text}");
        }
    }
}
