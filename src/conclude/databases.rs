//! Databases: which of them has duties of its own, whether it can be restored, how it is
//! spoken to, and what AWS has in store for it.

mod clients;
mod role;
mod support;
mod times;
mod transport;

pub(crate) use clients::{DatabaseClients, database_clients, surest_clients};
pub(crate) use role::{DatabaseRole, database_role};
pub(crate) use support::{DatabaseSupport, database_support};
pub(crate) use times::{
    ClusterTimes, DatabaseTimes, DueMaintenance, cluster_times, database_maintenance, database_times,
};
pub(crate) use transport::{DatabaseTransport, cluster_transport, database_transport};
