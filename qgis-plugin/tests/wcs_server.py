# SPDX-License-Identifier: GPL-2.0-or-later
"""A WCS of one raster, on this machine alone: wcs_server.py RASTER prints its port, and ends with its standard input.

Version 1.0.0, as much of it as QGIS asks for.
"""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from osgeo import gdal

gdal.UseExceptions()
RASTER = sys.argv[1]
CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<WCS_Capabilities version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:gml="http://www.opengis.net/gml">
  <Service><name>heights</name><label>heights</label></Service>
  <Capability><Request>
    <GetCapabilities>{get}</GetCapabilities><DescribeCoverage>{get}</DescribeCoverage>
    <GetCoverage>{get}</GetCoverage>
  </Request><Exception><Format>application/vnd.ogc.se_xml</Format></Exception></Capability>
  <ContentMetadata><CoverageOfferingBrief><name>heights</name><label>heights</label>
    <lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>8.9 50.5</gml:pos><gml:pos>9.1 50.6</gml:pos>
    </lonLatEnvelope></CoverageOfferingBrief></ContentMetadata>
</WCS_Capabilities>"""
DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<CoverageDescription version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml">
  <CoverageOffering><name>heights</name><label>heights</label>
    <lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>8.9 50.5</gml:pos><gml:pos>9.1 50.6</gml:pos>
    </lonLatEnvelope>
    <domainSet><spatialDomain>
      <gml:Envelope srsName="EPSG:25832"><gml:pos>{left} {bottom}</gml:pos><gml:pos>{right} {top}</gml:pos>
      </gml:Envelope>
      <gml:RectifiedGrid dimension="2">
        <gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low><gml:high>{last_col} {last_row}</gml:high>
        </gml:GridEnvelope></gml:limits>
        <gml:axisName>x</gml:axisName><gml:axisName>y</gml:axisName>
        <gml:origin><gml:pos>{left} {top}</gml:pos></gml:origin>
        <gml:offsetVector>1 0</gml:offsetVector><gml:offsetVector>0 -1</gml:offsetVector>
      </gml:RectifiedGrid>
    </spatialDomain></domainSet>
    <rangeSet><RangeSet><name>height</name><label>height</label></RangeSet></rangeSet>
    <supportedCRSs><requestResponseCRSs>EPSG:25832</requestResponseCRSs><nativeCRSs>EPSG:25832</nativeCRSs>
    </supportedCRSs>
    <supportedFormats nativeFormat="GeoTIFF"><formats>GeoTIFF</formats></supportedFormats>
    <supportedInterpolations><interpolationMethod>nearest neighbor</interpolationMethod></supportedInterpolations>
  </CoverageOffering>
</CoverageDescription>"""


class Answers(BaseHTTPRequestHandler):
    """One answer a request."""

    def do_GET(self):
        query = {key.upper(): found[0] for key, found in parse_qs(urlsplit(self.path).query).items()}
        kind, body = "text/xml", b""
        if query.get("REQUEST") == "GetCapabilities":
            address = "http://{}:{}/?".format(*self.server.server_address)
            get = '<DCPType><HTTP><Get><OnlineResource xlink:href="{}"/></Get></HTTP></DCPType>'.format(address)
            body = CAPABILITIES.format(get=get).encode()
        elif query.get("REQUEST") == "DescribeCoverage":
            source = gdal.Open(RASTER)
            left, width, _, top, _, height = source.GetGeoTransform()
            cols, rows = source.RasterXSize, source.RasterYSize
            body = DESCRIPTION.format(
                left=left, top=top, right=left + cols * width, bottom=top + rows * height,
                last_col=cols - 1, last_row=rows - 1,
            ).encode()  # fmt: skip
        elif query.get("REQUEST") == "GetCoverage":
            kind, body = "image/tiff", coverage(query)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


def coverage(query):
    """The cells of a box as a GeoTIFF."""
    path = "/vsimem/{}.tif".format(threading.get_ident())
    box = [float(edge) for edge in query["BBOX"].split(",")]
    size = (int(query["WIDTH"]), int(query["HEIGHT"]))
    gdal.Warp(path, RASTER, format="GTiff", outputBounds=box, width=size[0], height=size[1], resampleAlg="near")
    file = gdal.VSIFOpenL(path, "rb")
    body = bytes(gdal.VSIFReadL(1, gdal.VSIStatL(path).size, file))
    gdal.VSIFCloseL(file)
    gdal.Unlink(path)
    return body


server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
