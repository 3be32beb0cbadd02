/** A menu of files that the server makes; choosing one downloads it. */
import {
  Menu,
  MenuButton,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";

import { apiUrl, type Parameters } from "../api/client";

export interface ServerFile {
  label: string;
  path: string;
  parameters: Parameters;
}

export function FilesMenu({ label, files }: { label: string; files: ServerFile[] }) {
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <MenuButton size="small">{label}</MenuButton>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {files.map((file) => (
            <MenuItemLink key={file.label} href={apiUrl(file.path, file.parameters)} download>
              {file.label}
            </MenuItemLink>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
