using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Installs;

/// <summary>
/// What an app's service calls a network or an install that is not its own: a hash under the instances' secret, of the app as well, so that two apps have nothing in
/// common and nobody can try names out.
/// <code>
/// first 16 bytes of HMAC-SHA256( key, app ‖ 0 ‖ network ‖ 0 ‖ node, or nothing for the network ), hexadecimal
/// </code>
/// </summary>
internal sealed class Pseudonyms(ServerSecret secret)
{
    private const int Size = 16;

    private readonly byte[] _key = secret.Derive("installs");

    public string OfNetwork(string app, string network) => "net_" + Hash(app, network, "");

    public string OfInstall(string app, string network, string node) => "ins_" + Hash(app, network, node);

    private string Hash(string app, string network, string node) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{app}\0{network}\0{node}")).AsSpan(0, Size));
}
