import { Link, makeStyles, MessageBar, MessageBarBody, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { exceptionsQuery } from "../../api/actQueries";
import { useMay } from "../../app/access";
import * as format from "../../ui/format";
import { useUrl } from "../../url/useUrl";

const WAITING = "Requested";

const useStyles = makeStyles({ note: { flexShrink: 0, marginBottom: tokens.spacingVerticalM } });

/** How many exceptions wait for somebody to approve them, for those who may. */
export function ApprovalNote() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const mayDecide = useMay("ActiveRemediation.ExceptionHandling");
  const { data } = useQuery({
    ...exceptionsQuery({ status: WAITING, groups: state.groups, page_size: 1 }),
    enabled: mayDecide,
  });
  if (!mayDecide || !data || data.total === 0 || state.status === WAITING) return null;
  return (
    <MessageBar intent="info" className={styles.note}>
      <MessageBarBody>
        {format.counted(data.total, "exception waits", "exceptions wait")} for an approval.{" "}
        <Link as="button" onClick={() => change({ status: WAITING }, true)}>
          Show them
        </Link>
      </MessageBarBody>
    </MessageBar>
  );
}
