//! Lexical spaces of names, languages and references: part 2, sections 3.2.17, 3.2.18 and 3.3.3 to 3.3.7.

use super::name_characters::{continues_name, starts_name};

/// `xs:Name`.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

/// `xs:NCName`: a name without colons.
pub(super) fn is_ncname(text: &str) -> bool {
    is_name(text) && !text.contains(':')
}

/// `xs:NMTOKEN`.
pub(super) fn is_nmtoken(text: &str) -> bool {
    !text.is_empty() && text.chars().all(continues_name)
}

/// `xs:QName`: its form only; whether the prefix is declared is for whoever knows the namespaces in scope.
pub(super) fn is_qname(text: &str) -> bool {
    match text.split_once(':') {
        Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
        None => is_ncname(text),
    }
}

/// `xs:language`: subtags of one to eight letters (and, after the first, digits) with hyphens between.
pub(super) fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(index, subtag)| {
        (1..=8).contains(&subtag.len())
            && subtag
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || (index > 0 && byte.is_ascii_digit()))
    })
}

/// `xs:anyURI`: a reference of RFC 2396, as amended by RFC 2732, once the characters that `XLink` escapes are escaped.
///
/// What is left to go wrong: a `%` without two hexadecimal digits, a second `#`, a `:` before the first `/` that does not
/// end a scheme, nothing after a scheme, and brackets other than around an IPv6 address, in a query or in a fragment.
pub(super) fn is_any_uri(text: &str) -> bool {
    let (reference, fragment) = text.split_once('#').unwrap_or((text, ""));
    if !escapes_are_whole(text) || fragment.contains('#') {
        return false;
    }
    let first_segment = &reference[..reference.find(['/', '?']).unwrap_or(reference.len())];
    let hierarchical = match first_segment.split_once(':') {
        Some((scheme, _)) => {
            let rest = &reference[scheme.len() + 1..];
            if !is_scheme(scheme) || rest.is_empty() {
                return false;
            }
            if !rest.starts_with('/') {
                // An opaque part, whose first character must not be a bracket.
                return !rest.starts_with(['[', ']']);
            }
            rest
        }
        None => reference,
    };
    let (path, _query) = hierarchical.split_once('?').unwrap_or((hierarchical, ""));
    match path.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            is_authority(authority) && !has_brackets(path)
        }
        None => !has_brackets(path),
    }
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Brackets stand only around an IPv6 address.
fn is_authority(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let user = &text[..text.len() - host.len()];
    if has_brackets(user) {
        return false;
    }
    match host.strip_prefix('[') {
        None => !has_brackets(host),
        Some(rest) => rest.split_once(']').is_some_and(|(address, port)| {
            address.parse::<std::net::Ipv6Addr>().is_ok()
                && (port.is_empty()
                    || port
                        .strip_prefix(':')
                        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())))
        }),
    }
}

fn has_brackets(text: &str) -> bool {
    text.contains(['[', ']'])
}
