import { weaknessesQuery } from "../../api/queries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { useUrl } from "../../url/useUrl";
import { weaknessList } from "./columns";
import { WeaknessFlyout } from "./WeaknessFlyout";

export function WeaknessesPage() {
  const { change } = useUrl();
  return (
    <PageFrame title="Weaknesses" isSurface>
      <ListView
        list={weaknessList}
        path="/weaknesses"
        query={weaknessesQuery}
        onOpen={(row) => change({ open: row.name, view: undefined }, true)}
      />
      <WeaknessFlyout />
    </PageFrame>
  );
}
