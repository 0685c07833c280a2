using System.Collections.Immutable;
using System.Reflection;

namespace Coco.ControlPlane.Api;

/// <summary>The table of all operations; each part of the API lists its own in a file of this type.</summary>
internal static partial class Operations
{
    public static ImmutableArray<Operation> All => Table.Rows;

    // A type of its own: it is initialised after the fields of all files.
    private static class Table
    {
        public static readonly ImmutableArray<Operation> Rows =
        [
            .. typeof(Operations).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => field.GetValue(null)).OfType<Operation>().OrderBy(operation => operation.Path, StringComparer.Ordinal),
        ];
    }
}
