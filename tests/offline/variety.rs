//! Accounts as they are in real life: each case is a small account that is edited and judged with
//! the built-in policies, and the verdicts that AWS's documentation demands; remedies that harm
//! nothing; what a scan ends with.

mod containers;
mod ecs;
mod exit_codes;
mod network;
mod remedies;
