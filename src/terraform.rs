//! Terraform: fragments that policies write, read and put together again, and the resources of a snapshot as Terraform
//! calls and imports them.

pub(crate) mod adoptable;
pub(crate) mod arguments;
pub(crate) mod fragment;
pub(crate) mod layout;
pub(crate) mod manager;
