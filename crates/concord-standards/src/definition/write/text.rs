//! Texts as TOML and CSV write them.

use std::fmt::Write as _;

/// A TOML key, quoted only where it must be.
pub(crate) fn key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A TOML string: literal where that saves escapes, else basic.
pub(crate) fn quoted(text: &str) -> String {
    let plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if plain && text.contains(['\\', '"']) {
        return format!("'{text}'");
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A TOML string over several lines when it is long and has no line ends of its own.
pub(crate) fn folded(text: &str) -> String {
    const WIDTH: usize = 100;
    let simple =
        !text.contains(['\\', '"']) && !text.chars().any(char::is_control) && !text.contains("  ");
    if text.len() <= WIDTH || !simple || text.starts_with(' ') || text.ends_with(' ') {
        return quoted(text);
    }
    let mut folded = "\"\"\"\\\n".to_owned();
    let mut line = String::from("  ");
    for word in text.split(' ') {
        if line.len() + word.len() > WIDTH {
            folded.push_str(&line);
            folded.push_str("\\\n");
            line = String::from("  ");
        }
        line.push_str(word);
        line.push(' ');
    }
    folded.push_str(line.trim_end());
    folded.push_str("\"\"\"");
    folded
}

/// A list of TOML strings.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// A CSV cell.
pub(crate) fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back() {
        for text in [
            "",
            "a",
            "a'b",
            "a\"b",
            "\\d{3}",
            "'\\\"",
            "line\nend",
            "\u{7f}\u{1}",
            "é",
        ] {
            let document = format!("{} = {}\n", key(text), quoted(text));
            let table: toml::Table = document.parse().expect("TOML");
            assert_eq!(table[text].as_str(), Some(text), "{document}");
            let long = format!("{text} {}end", "some words ".repeat(30));
            let document = format!("long = {}\n", folded(&long));
            let table: toml::Table = document.parse().expect("TOML");
            assert_eq!(table["long"].as_str(), Some(&*long), "{document}");
        }
    }
}
