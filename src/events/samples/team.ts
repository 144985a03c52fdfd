import type { EmployeeStatusItem, EmployeeWorkdayItem } from '../items';
import { DANA } from './sample-people';

export const EMPLOYEE_STATUS: readonly [EmployeeStatusItem, ...EmployeeStatusItem[]] = [
  { type: 'online', employee: DANA },
  { type: 'offline', employee: DANA },
];

export const EMPLOYEE_WORKDAY: readonly [EmployeeWorkdayItem, ...EmployeeWorkdayItem[]] = [
  { type: 'start', employee: DANA },
  { type: 'end', employee: DANA },
];
