import { Card, Image, makeStyles, Text, Title2, tokens } from "@fluentui/react-components";

import { ApiProblem } from "../api/client";
import { Failed } from "../ui/states";

const useStyles = makeStyles({
  page: {
    display: "grid",
    placeItems: "center",
    height: "100%",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  card: {
    width: "min(460px, calc(100vw - 32px))",
    padding: tokens.spacingHorizontalXXXL,
    rowGap: tokens.spacingVerticalL,
  },
  brand: { display: "flex", alignItems: "center", columnGap: tokens.spacingHorizontalM },
  command: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    fontFamily: tokens.fontFamilyMonospace,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

interface SignInProps {
  /** Why signing in failed; null when nobody tried yet. */
  problem: Error | null;
  onRetry: () => void;
}

export function SignIn({ problem, onRetry }: SignInProps) {
  const styles = useStyles();
  const isRefused = problem instanceof ApiProblem && problem.status === 401;
  return (
    <main className={styles.page}>
      <Card className={styles.card}>
        <div className={styles.brand}>
          <Image src="/favicon.svg" width={32} height={32} alt="" />
          <Title2 as="h1">Weakspot</Title2>
        </div>
        {problem && !isRefused && <Failed error={problem} onRetry={onRetry} />}
        {isRefused && <Failed error={problem} />}
        <Text>
          {isRefused
            ? "A sign-in link works once and for a short time. Ask for a new link on the server:"
            : "Sign in with a link. Ask for one on the server:"}
        </Text>
        <code className={styles.command}>weakspot link</code>
        <Text size={200}>Then open the link that it prints in this browser.</Text>
      </Card>
    </main>
  );
}
