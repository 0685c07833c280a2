using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests;

/// <summary>Tests that have a control plane of their own each, on either engine.</summary>
/// <param name="server">Where its database is; null for SQLite.</param>
public abstract class PlaneTests(PostgreSqlServer? server) : IAsyncLifetime
{
    private protected TestPlane Plane { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        Plane = await TestPlane.StartAsync(server, Settings);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Plane is not null) { await Plane.DisposeAsync(); } // not there where the engine is not
        GC.SuppressFinalize(this);
    }

    private protected virtual ControlPlaneSettings Settings(ControlPlaneSettings settings) => settings;
}
