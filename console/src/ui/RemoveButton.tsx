/** Removes or ends something after a second press, so that one slip does nothing. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";

interface RemoveButtonProps {
  /** What is removed, for screen readers. */
  what: string;
  label?: string;
  isPending: boolean;
  onRemove: () => void;
}

export function RemoveButton({ what, label = "Remove", isPending, onRemove }: RemoveButtonProps) {
  const [isAsked, setAsked] = useState(false);
  return (
    <Button
      size="small"
      appearance={isAsked ? "primary" : "secondary"}
      disabledFocusable={isPending}
      aria-label={isAsked ? `Really ${label.toLowerCase()} ${what}?` : `${label} ${what}`}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (isAsked) onRemove();
        setAsked(!isAsked);
      }}
    >
      {isAsked ? `Really ${label.toLowerCase()}?` : label}
    </Button>
  );
}
