// PodTemplate.

import { type FieldError, Path } from '../field-error.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { formatLabels, nameColumn } from '../printing.ts';
import { message, struct } from '../schema.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { PodTemplateSpec } from './pod-spec.ts';
import { checkPodTemplate } from './pod-template-validation.ts';
import { templateWarnings } from './pod-warnings.ts';

export const PodTemplate = kind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: struct('core/v1.PodTemplate', {
    metadata: message(1, ObjectMeta),
    template: message(2, PodTemplateSpec),
  }),
  generation: [['template']],
  columns: [
    nameColumn,
    {
      name: 'Containers',
      type: 'string',
      description: 'Names of the containers in the template.',
      value: ({ template }) => (template.spec.containers ?? []).map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      description: 'Images of the containers in the template.',
      value: ({ template }) => (template.spec.containers ?? []).map(({ image }) => image ?? '').join(','),
    },
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'Labels of pods that are made from the template.',
      value: ({ template }) => formatLabels(template.metadata.labels),
    },
  ],
  defaults({ template }) {
    defaultPodSpec(template.spec);
  },
  validate({ template }) {
    const errors: FieldError[] = [];
    checkPodTemplate(template, Path.of('template'), errors);
    return errors;
  },
  warnings({ metadata, template }, previous) {
    const isSame = previous !== undefined && metadata.generation === previous.metadata.generation;
    return isSame ? [] : templateWarnings(template, Path.of('template'));
  },
});
export type PodTemplate = ObjectOf<typeof PodTemplate>;
