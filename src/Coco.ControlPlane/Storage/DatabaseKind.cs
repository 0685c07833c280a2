namespace Coco.ControlPlane.Storage;

/// <summary>Which engine keeps the control plane's data.</summary>
internal enum DatabaseKind
{
    /// <summary>One file, one instance.</summary>
    Sqlite,

    /// <summary>A server that any number of instances share.</summary>
    PostgreSql,
}
