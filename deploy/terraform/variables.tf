variable "name" {
  type        = string
  default     = "tenken"
  description = "What everything is called"
}

variable "package" {
  type        = string
  description = "The zip that `make lambda` builds"
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "What the package was built for"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "regions" {
  type        = list(string)
  default     = ["all"]
  description = "Regions to audit"
}

variable "schedule_expression" {
  type        = string
  default     = "cron(0 9 * * ? *)"
  description = "When it runs; at least once a day, or the alarm for silence fires"
}

variable "schedule_timezone" {
  type        = string
  default     = "Asia/Tokyo"
  description = "The time zone of the schedule"
}

variable "audit_role_arn" {
  type        = string
  default     = null
  description = "Role to assume for auditing another account"
}

variable "audit_external_id" {
  type        = string
  default     = null
  description = "External id that the role asks for"
}

variable "config" {
  type        = string
  default     = null
  description = "A tenken.toml, as text: file(\"tenken.toml\")"
}

variable "lang" {
  type        = string
  default     = "en"
  description = "Language of reports and announcements"

  validation {
    condition     = contains(["en", "ja"], var.lang)
    error_message = "The language is en or ja."
  }
}

variable "slack_parameter" {
  type        = string
  default     = null
  description = "Path of an SSM SecureString with the address of Slack's webhook, for instance /tenken/slack"

  validation {
    condition     = var.slack_parameter == null || can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.slack_parameter))
    error_message = "Name the parameter by its path, for instance /tenken/slack; never write the address itself here."
  }
}

variable "slack_kms_key_arn" {
  type        = string
  default     = null
  description = "KMS key of that parameter, where it is not the account's aws/ssm"
}

variable "alarm_email" {
  type        = string
  default     = null
  description = "Who gets mail when tenken itself fails"
}

variable "report_days" {
  type        = number
  default     = 400
  description = "Days after which reports and snapshots are deleted; the history stays"
}

variable "log_days" {
  type        = number
  default     = 90
  description = "Days after which log lines are deleted"
}
