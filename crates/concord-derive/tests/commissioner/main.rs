//! Who pays: the boxes, dates, settings and data of the commissioner assignment method.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says when it is skipped

mod boxes;
mod dates;
mod loading;
mod published;
mod readings;
mod support;
