namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>A folder for a test's files, gone with it.</summary>
internal sealed class LabFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-lab");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
