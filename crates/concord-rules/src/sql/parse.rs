//! SQL text to its syntax tree, with places in the text.

use datafusion_sql::sqlparser::ast::{Expr, Spanned};
use datafusion_sql::sqlparser::dialect::GenericDialect;
use datafusion_sql::sqlparser::keywords::Keyword;
use datafusion_sql::sqlparser::parser::{Parser, ParserError};
use datafusion_sql::sqlparser::tokenizer::{
    Location, Span, Token, TokenWithSpan, Tokenizer, Whitespace,
};

use crate::error::Problem;

/// Deepest nesting of an expression.
const DEEPEST: usize = 64;
/// Longest expression in bytes.
const LONGEST: usize = 64 * 1024;

/// Reads one boolean expression and nothing behind it.
pub(crate) fn parse(sql: &str) -> Result<Expr, Problem> {
    if sql.len() > LONGEST {
        return Err(Problem::new("the expression is too long"));
    }
    let mut tokens: Vec<TokenWithSpan> = Vec::new();
    Tokenizer::new(&GenericDialect {}, sql)
        .tokenize_with_location_into_buf(&mut tokens)
        .map_err(|error| {
            let start = offset(sql, error.location);
            Problem::new(error.message).at((start, sql.len().saturating_sub(start).min(1)))
        })?;
    aggregates_are_names(&mut tokens);
    let mut parser = Parser::new(&GenericDialect {})
        .with_recursion_limit(DEEPEST)
        .with_tokens_with_locations(tokens);
    let expression = parser.parse_expr().map_err(|error| {
        let found = parser.peek_token();
        syntax(sql, error, &found)
    })?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let (start, length) = span(sql, rest.span);
        return Err(
            Problem::new(format!("the expression ends before `{}`", rest.token))
                .help("operators such as AND and OR join two conditions")
                .at((start, length)),
        );
    }
    Ok(expression)
}

/// `any(` and `all(` are aggregates here, not the quantifiers that SQL allows only behind a comparison.
fn aggregates_are_names(tokens: &mut [TokenWithSpan]) {
    let mut next_opens = false;
    for token in tokens.iter_mut().rev() {
        match &mut token.token {
            Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab) => {
                continue;
            }
            Token::Word(word)
                if next_opens
                    && word.quote_style.is_none()
                    && matches!(word.keyword, Keyword::ANY | Keyword::ALL) =>
            {
                word.keyword = Keyword::NoKeyword;
            }
            _ => {}
        }
        next_opens = token.token == Token::LParen;
    }
}

fn syntax(sql: &str, error: ParserError, found: &TokenWithSpan) -> Problem {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => "the expression is nested too deeply".to_owned(),
    };
    let at = if found.token == Token::EOF {
        (sql.len(), 0)
    } else {
        span(sql, found.span)
    };
    placed(sql, &message).at(at)
}

/// A parser's message, which ends in a line and a column, as a problem at that place.
pub(crate) fn placed(sql: &str, message: &str) -> Problem {
    let stated = message.rfind(" at Line: ");
    let place = stated.and_then(|at| {
        let mut numbers = message[at..]
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|digits| digits.parse::<u64>().ok());
        Some(Location::new(numbers.next()?, numbers.next()?))
    });
    let text = message[..stated.unwrap_or(message.len())].to_owned();
    let text = text.trim_start_matches("sql parser error: ");
    let problem = Problem::new(text.replace("EOF", "the end"));
    let Some(place) = place else {
        return problem;
    };
    let start = offset(sql, place);
    let rest = &sql[start..];
    let word = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    problem.at((start, word.max(usize::from(!rest.is_empty()))))
}

/// Start and length in bytes of a node.
pub(super) fn span_of(sql: &str, node: &impl Spanned) -> (usize, usize) {
    span(sql, node.span())
}

/// Start and length in bytes of a span of lines and columns.
pub(crate) fn span(sql: &str, span: Span) -> (usize, usize) {
    if span.start.line == 0 {
        return (0, sql.len());
    }
    let start = offset(sql, span.start);
    let mut end = offset(sql, span.end).max(start);
    // The parser leaves out the brackets that close a call.
    loop {
        let part = &sql[start..end];
        let rest = &sql[end..];
        let close = rest.len() - rest.trim_start().len();
        if part.matches('(').count() <= part.matches(')').count() || !rest[close..].starts_with(')')
        {
            return (start, end - start);
        }
        end += close + 1;
    }
}

/// Byte offset of a line and column (both from 1, columns in characters).
fn offset(sql: &str, location: Location) -> usize {
    let line_start = if location.line <= 1 {
        0
    } else {
        sql.match_indices('\n')
            .nth(location.line as usize - 2)
            .map_or(sql.len(), |(at, _)| at + 1)
    };
    let line = &sql[line_start..];
    line_start
        + line
            .char_indices()
            .nth((location.column as usize).saturating_sub(1))
            .map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_stand_anywhere() {
        for sql in [
            "any(a = 1)",
            "b AND all (a = 1)",
            "NOT any(a) OR count(x) > 2",
            "b = any(a)",
            "all(a) AND any(all(c))",
        ] {
            parse(sql).unwrap_or_else(|problem| panic!("{sql}: {problem:?}"));
        }
    }

    #[track_caller]
    fn underlined(sql: &str, expected: &str) {
        let problem = parse(sql).expect_err("a syntax error");
        let (start, length) = problem.span.expect("a place");
        assert_eq!(&sql[start..start + length], expected, "{problem:?}");
    }

    #[test]
    fn errors_have_a_place() {
        underlined("a = = b", "=");
        underlined("a = 1 b", "b");
        underlined("é = 1\nAND ) x", ")");
        underlined("a = 'open", "'");
        underlined("(a = 1", "");
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(parse(&deep).is_err());
    }
}
