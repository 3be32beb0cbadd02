import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { knowledgeQuery } from "../api/queries";
import * as format from "../ui/format";
import { PageLink } from "../ui/links";

const useStyles = makeStyles({
  banner: { margin: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXL} 0`, flexShrink: 0 },
});

/** Says when no feed has been read yet, so that nobody takes a short list for a clean fleet. */
export function KnowledgeBanner() {
  const styles = useStyles();
  const { data: knowledge } = useQuery(knowledgeQuery());
  if (!knowledge?.is_starter_only) return null;
  return (
    <MessageBar intent="warning" className={styles.banner}>
      <MessageBarBody>
        <MessageBarTitle>Starter knowledge of {format.date(knowledge.starter_date)} only:</MessageBarTitle>
        no feed has been read yet, so most weaknesses are not known here.{" "}
        <PageLink to="/intelligence">See the feeds</PageLink>
      </MessageBarBody>
    </MessageBar>
  );
}
