//! A record as lines, one tag or one whole value element on each, as the writer of samples writes it.

/// A character that is written as a byte which UTF-8 never has. It is one of those for private use.
pub(crate) const NO_CHARACTER: char = '\u{F8FF}';

/// The lines of a record.
#[derive(Debug, Clone)]
pub(crate) struct Lines(Vec<String>);

/// What stands on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'l> {
    /// A start tag: name.
    Open(&'l str),
    /// An end tag: name.
    Close(&'l str),
    /// A whole element: name and value.
    Leaf(&'l str, &'l str),
    /// Anything else.
    Other,
}

impl Lines {
    /// The lines of a text; `None` when it is not text.
    pub(crate) fn new(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        Some(Self(text.lines().map(str::to_owned).collect()))
    }

    /// The text of the lines.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.0 {
            for (index, piece) in line.split(NO_CHARACTER).enumerate() {
                if index > 0 {
                    text.push(0xFF);
                }
                text.extend_from_slice(piece.as_bytes());
            }
            text.push(b'\n');
        }
        text
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn line(&self, index: usize) -> Line<'_> {
        let Some(line) = self.0.get(index).map(|line| line.trim_start()) else {
            return Line::Other;
        };
        if let Some(rest) = line.strip_prefix("</") {
            return Line::Close(rest.trim_end_matches('>'));
        }
        let Some(rest) = line.strip_prefix('<') else {
            return Line::Other;
        };
        let name = rest.split([' ', '>', '/']).next().unwrap_or_default();
        if let Some((value, _)) = rest
            .split_once('>')
            .and_then(|(_, rest)| rest.split_once("</"))
        {
            return Line::Leaf(name, value);
        }
        if rest.ends_with("/>") {
            Line::Other
        } else {
            Line::Open(name)
        }
    }

    /// The line as written.
    pub(crate) fn raw(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    /// Writes a line anew, with the indent that it had.
    pub(crate) fn write(&mut self, index: usize, text: &str) {
        if let Some(line) = self.0.get_mut(index) {
            let indent = line.len() - line.trim_start().len();
            line.truncate(indent);
            line.push_str(text);
        }
    }

    /// Puts a line in, indented like the one that stood there.
    pub(crate) fn insert(&mut self, index: usize, text: &str) {
        let like = self.raw(index);
        let indent = " ".repeat(like.len() - like.trim_start().len());
        let index = index.min(self.0.len());
        self.0.insert(index, format!("{indent}{text}"));
    }

    /// Keeps so many lines.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    pub(crate) fn remove(&mut self, index: usize) {
        if index < self.0.len() {
            self.0.remove(index);
        }
    }

    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        if a < self.0.len() && b < self.0.len() {
            self.0.swap(a, b);
        }
    }

    /// Lines of the value elements with this name.
    pub(crate) fn leaves(&self, name: &str) -> Vec<usize> {
        (0..self.len())
            .filter(|&index| matches!(self.line(index), Line::Leaf(found, _) if found == name))
            .collect()
    }

    /// Lines of the value elements that a test lets through.
    pub(crate) fn leaves_where(&self, test: impl Fn(&str, &str) -> bool) -> Vec<usize> {
        (0..self.len())
            .filter(
                |&index| matches!(self.line(index), Line::Leaf(name, value) if test(name, value)),
            )
            .collect()
    }

    /// First line of a value element with this name.
    pub(crate) fn leaf(&self, name: &str) -> Option<usize> {
        self.leaves(name).first().copied()
    }

    /// First line of a value element with this name inside the group that begins on a line.
    pub(crate) fn leaf_in(&self, open: usize, name: &str) -> Option<usize> {
        let close = self.close_of(open)?;
        let inside = |line: &usize| (open..close).contains(line);
        self.leaves(name).into_iter().find(inside)
    }

    /// First start tag with this name.
    pub(crate) fn open(&self, name: &str) -> Option<usize> {
        self.opens(|found| found == name).first().copied()
    }

    /// Start tags whose names a test lets through.
    pub(crate) fn opens(&self, test: impl Fn(&str) -> bool) -> Vec<usize> {
        (0..self.len())
            .filter(|&index| matches!(self.line(index), Line::Open(found) if test(found)))
            .collect()
    }

    /// The end tag of the start tag on a line.
    pub(crate) fn close_of(&self, open: usize) -> Option<usize> {
        let Line::Open(name) = self.line(open) else {
            return None;
        };
        let mut depth = 0;
        for index in open..self.len() {
            match self.line(index) {
                Line::Open(found) if found == name => depth += 1,
                Line::Close(found) if found == name => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(index);
                    }
                }
                _ => {}
            }
        }
        None
    }

    pub(crate) fn value(&self, index: usize) -> &str {
        match self.line(index) {
            Line::Leaf(_, value) => value,
            _ => "",
        }
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        match self.line(index) {
            Line::Leaf(name, _) | Line::Open(name) | Line::Close(name) => name,
            Line::Other => "",
        }
    }

    /// Gives a value element another value.
    pub(crate) fn set(&mut self, index: usize, value: &str) {
        let name = self.name(index).to_owned();
        self.write(index, &format!("<{name}>{value}</{name}>"));
    }

    /// The value of the first element with this name.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.leaf(name).map(|index| self.value(index))
    }

    /// Adds text to the end of a start tag, before its `>`.
    pub(crate) fn add_attribute(&mut self, index: usize, text: &str) {
        let line = self.raw(index).trim_start().to_owned();
        if let Some(at) = line.find('>') {
            self.write(index, &format!("{} {text}{}", &line[..at], &line[at..]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_stands_on_them() {
        let mut lines =
            Lines::new(b"  <A x=\"1\">\n    <B>2</B>\n    <A>\n    </A>\n  </A>\n").expect("text");
        assert_eq!(lines.line(0), Line::Open("A"));
        assert_eq!(lines.line(1), Line::Leaf("B", "2"));
        assert_eq!(lines.close_of(0), Some(4));
        lines.set(1, "3");
        lines.add_attribute(0, "y=\"2\"");
        assert_eq!(
            String::from_utf8_lossy(&lines.text()),
            "  <A x=\"1\" y=\"2\">\n    <B>3</B>\n    <A>\n    </A>\n  </A>\n"
        );
    }
}
