//! Who pays: the boxes, dates, settings and data of the commissioner assignment method.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod boxes;
mod dates;
mod loading;
mod published;
mod readings;
mod support;
