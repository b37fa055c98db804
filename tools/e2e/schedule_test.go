package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A workflow with a schedule starts by itself once it is live, for the user who published it, until it is paused or taken offline.
func TestSchedule(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		workflow := func(schedule object) object {
			return object{"id": "tick", "title": "Tick", "document": object{
				"document": object{"dsl": "1.0.3", "namespace": "clock", "name": "tick", "version": "1.0.0"}, "evaluate": object{"language": "cel"},
				"schedule": schedule, "do": list{object{"tell": object{"set": object{"who": "${ user.id }"}}}},
			}}
		}
		admin.buildComponent(t, object{"id": "clock", "displayName": "Clock", "workflows": list{workflow(object{"after": "PT10S"})}})
		require.Empty(t, admin.get(t, "/v1/schedules")["schedules"], "a draft starts nothing")
		admin.publish(t)
		clerk := admin.invite(t, "member")
		clerk.call(t, "GET", "/v1/schedules", nil).refused(403, "PERMISSION_DENIED")

		only := func() object {
			all := items(t, admin.get(t, "/v1/schedules"), "schedules")
			require.Len(t, all, 1)
			return all[0].(object)
		}
		eventually(t, "the first start", func() bool { return only()["lastRun"] != "" })
		run := admin.reaches(t, text(t, only(), "lastRun"), "RUN_STATE_SUCCEEDED")
		require.Equal(t, object{"who": admin.id}, run["output"])
		require.Equal(t, "PT10S", only()["after"])
		require.Equal(t, admin.id, only()["subject"])

		path := "/v1/components/clock/workflows/tick/schedule:"
		clerk.call(t, "POST", path+"pause", object{}).refused(403, "PERMISSION_DENIED")
		require.Equal(t, true, admin.call(t, "POST", path+"pause", object{}).ok()["paused"])
		admin.call(t, "POST", "/v1/components/clock/workflows/none/schedule:pause", object{}).refused(404, "WORKFLOW_NOT_FOUND")
		require.Equal(t, true, only()["paused"])
		admin.call(t, "POST", path+"resume", object{}).ok()
		eventually(t, "the next time", func() bool { return only()["nextTime"] != nil })

		admin.patch(t, "clock", func(t *testing.T, c object) { c["workflows"] = list{workflow(object{"cron": "0 9 * * 1-5"})} })
		admin.publish(t)
		require.Equal(t, "0 9 * * 1-5", only()["cron"])
		admin.patch(t, "clock", func(t *testing.T, c object) { c["workflows"] = list{workflow(object{"cron": "whenever"})} })
		require.Contains(t, text(t, admin.check(t, "clock")[0], "message"), "five fields are needed")
	})
}
