namespace Coco.ControlPlane.Tests.Storage;

public sealed class SqliteMigrationTests : MigrationTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coco-migration-").FullName;
    private int _databases;

    internal override Task<string> LocationAsync() => Task.FromResult("sqlite:" + Path.Combine(_folder, $"control{_databases++}.db"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
