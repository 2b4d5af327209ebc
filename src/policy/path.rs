//! The way to a value of a saved snapshot.

/// A step on the way to a value of a saved snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// A field of a record.
    Field(&'static str),
    /// An element of a list.
    Element(usize),
}

/// The way to a value of a saved snapshot.
pub type Path = Vec<PathStep>;
