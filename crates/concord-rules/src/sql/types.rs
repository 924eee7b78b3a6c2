//! Types of values: what the planner would quietly convert and a rule must not mix.

use arrow_schema::{DataType, TimeUnit};
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_common::{DFSchema, DataFusionError, ScalarValue};
use datafusion_expr::{Between, BinaryExpr, Expr, ExprSchemable, Like, Operator};

use crate::error::Problem;
use crate::shape::Kind;

/// Digits after the point that decimal values keep.
pub(crate) const SCALE: i8 = 9;
/// Digits that decimal values have at most.
pub(crate) const PRECISION: u8 = 28;

/// The type of the columns of a kind.
pub(crate) fn of_kind(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Date | Kind::Day(_) => DataType::Date32,
        Kind::Integer => DataType::Int64,
        Kind::Decimal => DataType::Decimal128(PRECISION, SCALE),
        Kind::Boolean => DataType::Boolean,
    }
}

/// Types between which a comparison means what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    Number,
    Date,
    Moment,
    Condition,
    Unknown,
    Other,
}

fn family(data_type: &DataType) -> Family {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Family::Text,
        DataType::Date32 | DataType::Date64 => Family::Date,
        DataType::Timestamp(..) => Family::Moment,
        DataType::Boolean => Family::Condition,
        DataType::Null => Family::Unknown,
        other if other.is_numeric() => Family::Number,
        _ => Family::Other,
    }
}

/// A type in words.
pub(super) fn described(data_type: &DataType) -> &'static str {
    match family(data_type) {
        Family::Text => "a text",
        Family::Number => "a number",
        Family::Date => "a date",
        Family::Moment => "a moment",
        Family::Condition => "a condition",
        Family::Unknown => "NULL",
        Family::Other => "a value of another kind",
    }
}

/// Whether min and max can be taken of a type.
pub(super) fn has_order(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8
            | DataType::Int64
            | DataType::Date32
            | DataType::Decimal128(..)
            | DataType::Timestamp(TimeUnit::Second, None)
    )
}

/// Finds the first comparison of values of different families.
pub(crate) fn clash(expression: &Expr, schema: &DFSchema) -> Option<Problem> {
    let mut problem = None;
    let _ = expression.apply(|node| {
        problem = match node {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(*op) => {
                compared(left, right, schema)
            }
            Expr::BinaryExpr(BinaryExpr {
                left,
                op: Operator::And | Operator::Or,
                right,
            }) => [left, right]
                .into_iter()
                .find_map(|side| condition(side, schema)),
            Expr::Not(inner) => condition(inner, schema),
            Expr::Between(Between {
                expr, low, high, ..
            }) => compared(expr, low, schema).or_else(|| compared(expr, high, schema)),
            Expr::InList(list) => list
                .list
                .iter()
                .find_map(|item| compared(&list.expr, item, schema)),
            Expr::Like(Like { expr, .. }) => text(expr, schema),
            _ => None,
        };
        Ok(if problem.is_some() {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    });
    problem
}

fn compares(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn compared(left: &Expr, right: &Expr, schema: &DFSchema) -> Option<Problem> {
    let (a, b) = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
    let (one, other) = (family(&a), family(&b));
    if one == other || one == Family::Unknown || other == Family::Unknown {
        return None;
    }
    let message = format!("{} is compared with {}", described(&a), described(&b));
    let help = match (one, other) {
        (Family::Date, Family::Text) | (Family::Text, Family::Date) => {
            let written = if one == Family::Text { left } else { right };
            match literal(written) {
                Some(text) if crate::lexical::date(text.as_bytes()).is_some() => return None,
                Some(text) => format!("'{text}' is not a date: write 'YYYY-MM-DD'"),
                None => "try_cast(… AS DATE) or date_of(…) makes a date of a text".to_owned(),
            }
        }
        (Family::Text, Family::Number) | (Family::Number, Family::Text) => {
            "codes are texts: write '01', not 1; try_cast(… AS BIGINT) makes a number of a text"
                .to_owned()
        }
        (Family::Date, Family::Moment) | (Family::Moment, Family::Date) => {
            "moment(date, time) makes a moment, date_of(text) a date".to_owned()
        }
        (Family::Text, Family::Moment) | (Family::Moment, Family::Text) => {
            "moment(text) makes a moment of a text".to_owned()
        }
        _ => "both sides of a comparison are of one kind".to_owned(),
    };
    Some(Problem::new(message).help(help))
}

fn condition(expression: &Expr, schema: &DFSchema) -> Option<Problem> {
    let data_type = expression.get_type(schema).ok()?;
    if matches!(family(&data_type), Family::Condition | Family::Unknown) {
        return None;
    }
    Some(Problem::new(format!(
        "{} stands where a condition is needed",
        described(&data_type)
    )))
}

fn text(expression: &Expr, schema: &DFSchema) -> Option<Problem> {
    let data_type = expression.get_type(schema).ok()?;
    if matches!(family(&data_type), Family::Text | Family::Unknown) {
        return None;
    }
    Some(Problem::new(format!("LIKE looks at {}", described(&data_type))).help("LIKE is for texts"))
}

fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(
            ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text),
            _,
        ) => text.as_deref(),
        _ => None,
    }
}

/// What the planner says, without its prefixes.
pub(crate) fn message(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    let mut message = text.as_str();
    while let Some((prefix, rest)) = message.split_once(": ") {
        let known =
            prefix.ends_with("error") || prefix.ends_with("caused by") || prefix == "SchemaError";
        if !known {
            break;
        }
        message = rest;
    }
    let message = message
        .split("\nThis issue was likely caused")
        .next()
        .unwrap_or(message);
    let mut message = message.trim().trim_end_matches('.').to_owned();
    if let Some(first) = message.get(..1) {
        message = format!("{}{}", first.to_lowercase(), &message[1..]);
    }
    message
}
