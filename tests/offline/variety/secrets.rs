//! What looks like a secret and what does not, where tasks get their settings from. A corpus beside the
//! detector measures it; these are the ways of writing that people use and detectors overlook.

use tenken::secret::classify;

/// ECS hands variables to tasks in plain text:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/taskdef-envfiles.html>
#[test]
fn passwords_are_found_by_whatever_name() {
    for (name, value, secret) in [
        ("DB_CRED", "kq9-Vortex-17-plume", "kq9-Vortex-17-plume"),
        ("DB_PW", "kq9-Vortex-17-plume", "kq9-Vortex-17-plume"),
        (
            "JDBC_URL",
            "jdbc:sqlserver://h:1433;database=d;user=shop@srv;password=kq9-Vortex-17",
            "kq9-Vortex-17",
        ),
        (
            "JDBC_URL",
            "jdbc:mysql:loadbalance://(host=db1,port=3306,user=shop,password=kq9-Vortex-17)/shop",
            "kq9-Vortex-17",
        ),
        ("DSN", "host=db;user=shop;password = \"kq9 Vortex 17\";database=shop", "kq9 Vortex 17"),
        ("SMTP_URL", "smtp://mailer:kq9-Vortex-17@smtp.example.com:587", "kq9-Vortex-17"),
    ] {
        let found = classify(name, value).map(|found| found.secret);
        assert_eq!(found, Some(secret), "{name}={value}");
    }
}

/// A port is no password, and neither is the name of a user.
#[test]
fn connection_strings_without_a_password_are_harmless() {
    for (name, value) in [
        ("JDBC_URL", "jdbc:sqlserver://h:1433;database=d;user=shop@srv"),
        ("SMTP_URL", "smtp://h:587;from=a@b"),
        ("DATABASE_URL", "postgres://shop@db.internal:5432/shop"),
        ("REDIS_URL", "redis://cache.internal:6379/0"),
    ] {
        assert_eq!(classify(name, value), None, "{name}={value}");
    }
}
