//! Rules that a program knows without a definition: an enumeration, and what readers are told of each.

/// Makes an enumeration of rules, `ALL` of them in the order in which they are documented, the [`Rule`](crate::Rule) of each, and
/// `RULES`, which holds these. After `by` stands the function that makes a rule of what an entry says, given as one tuple.
#[macro_export]
macro_rules! catalogue {
    ($(#[$about:meta])* $catalogue:ident by $made:path { $($id:ident = $($said:expr),+;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // each is documented by its own entry, which `concord standards explain` shows
        pub enum $catalogue { $($id,)* }

        impl $catalogue {
            /// Every rule, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];

            /// What readers are told of it.
            pub fn rule(self) -> &'static std::sync::Arc<$crate::Rule> {
                &RULES[self as usize]
            }
        }

        static RULES: std::sync::LazyLock<Vec<std::sync::Arc<$crate::Rule>>> =
            std::sync::LazyLock::new(|| vec![$(std::sync::Arc::new($made(($($said),+))),)*]);
    };
}
