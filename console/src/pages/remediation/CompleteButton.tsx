/** Says by hand that an activity is done, whatever its devices still show; asks twice. */
import { send } from "../../api/client";
import type { ActivityRow } from "../../api/types";
import { useChange } from "../../ui/Form";
import { RemoveButton } from "../../ui/RemoveButton";
import { Failed } from "../../ui/states";

export function CompleteButton({ activity }: { activity: ActivityRow }) {
  const completion = useChange(
    () => send("POST", `/remediation/activities/${encodeURIComponent(activity.id)}/completion`, {}),
    ["remediation", "dashboard"],
  );
  return (
    <>
      <RemoveButton
        what={activity.title}
        label="Mark as completed"
        isPending={completion.isPending}
        onRemove={() => completion.mutate(undefined)}
      />
      {completion.error && <Failed error={completion.error} />}
    </>
  );
}
