package identity

import (
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func errSetupDone() error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_SETUP_DONE, "the installation was set up already")
}

func errLink() error {
	return fault.NotFound(faultv1.Reason_REASON_LINK_INVALID, "the link was used, has expired or never existed")
}

func errUserExists() error {
	return fault.AlreadyExists(faultv1.Reason_REASON_USER_EXISTS, "there is a user with this e-mail address")
}

func errWrongCredentials() error {
	return fault.Unauthenticated(faultv1.Reason_REASON_WRONG_CREDENTIALS, "wrong e-mail address or password")
}

func errUserDisabled() error {
	return fault.PermissionDenied(faultv1.Reason_REASON_USER_DISABLED, "the user is disabled")
}

func errUserNotFound() error {
	return fault.NotFound(faultv1.Reason_REASON_USER_NOT_FOUND, "user not found")
}

func errTenantNotFound() error {
	return fault.NotFound(faultv1.Reason_REASON_TENANT_NOT_FOUND, "tenant not found")
}

func errRoleNotFound() error {
	return fault.NotFound(faultv1.Reason_REASON_ROLE_NOT_FOUND, "role not found")
}

func errGrantExceeds() error {
	return fault.PermissionDenied(faultv1.Reason_REASON_GRANT_EXCEEDS_OWN, "nobody gives or takes more than they hold themselves")
}

func errEtag() error {
	return fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH, "somebody else changed it in between; read it again")
}

func errPermission(message string) error {
	return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, message)
}

func errQuota(message string) error {
	return fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, message)
}
