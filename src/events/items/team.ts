import type { Open, UserRef } from './shapes/values';

export interface EmployeeStatusItem {
  type: Open<'online' | 'offline'>;
  employee: UserRef;
}

export interface EmployeeWorkdayItem {
  type: Open<'start' | 'end'>;
  employee: UserRef;
}
