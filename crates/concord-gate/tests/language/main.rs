//! Inclusion of simple types and content models: never wrong, and nearly always decided.

mod children;
mod standards;
mod support;
mod values;
